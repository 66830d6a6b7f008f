/** The groups of rarely used methods, with the methods of each. */
export const verbGroups = {
  grants: {
    deviceToken: true,
    startDeviceAuthorization: true,
    pollDeviceAuthorization: true,
    backchannelToken: true,
    startBackchannelAuthentication: true,
    pollBackchannelAuthentication: true,
    exchangeToken: true,
    jwtBearerToken: true,
    grantToken: true,
    passwordToken: true,
    createImplicitUrl: true,
    parseImplicitResponse: true,
  },
  metadata: { aggregatedClaims: true, distributedClaims: true },
  logout: { backchannelLogout: true, frontchannelLogout: true },
} as const;

/** Returns a method's name with its group, as applications write it: `grants.deviceToken`. */
export function memberName(verb: string): string {
  const found = Object.entries(verbGroups).find(([, verbs]) => Object.hasOwn(verbs, verb));
  return found ? `${found[0]}.${verb}` : verb;
}
