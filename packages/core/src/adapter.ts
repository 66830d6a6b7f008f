/**
 * For authors of framework integrations: the base classes of clients and registries, and the
 * interfaces for requests, cookies and sessions.
 *
 * @module @oauth-registry/core/adapter
 */
export { FrameworkClient, type ClientConfig } from './client/client.js';
export type { ClientsByName, ClientTypes } from './registry/client-types.js';
export type { Integration } from './registry/clients.js';
export type { ClientClass } from './registry/protocol-classes.js';
export { Registry } from './registry/registry.js';
export type { RegistryConstructor, RegistryOf } from './registry/registry.js';
export type {
  HandlerResponse,
  BrowserCookie,
  BrowserRequest,
  ClosedSession,
  FindClosedSession,
  LoginStart,
} from './model/ports.js';
export { unknownUntilRunTime } from './options/configuration.js';
export { checkVerbArguments } from './options/verb-arguments.js';
export { formatCookie } from './platform/http/set-cookie.js';
export {
  dualHandlers,
  serveRoutes,
  type DualFramework,
  type DualGuard,
  type DualRoutes,
  type DualVerb,
  type DualVerbs,
} from './adapter/dual-handlers.js';
export {
  intoHeaders,
  fromNode,
  fromWeb,
  noResponse,
  refuseSent,
  type NodeRequest,
  type NodeResponse,
} from './platform/http/messages.js';
export { HandlerClient } from './adapter/handler-client.js';
export {
  checkHandlerArguments,
  refuseUncalled,
  uncalled,
  type HandlerKind,
  type HandlerShape,
  type VerbCall,
} from './platform/http/handler-arguments.js';
export {
  closedSession,
  connectStore,
  nodeSession,
  withoutSession,
  type ConnectStore,
  type FoundSession,
  type NodeSession,
} from './adapter/node-session.js';
export {
  createCookieSession,
  type CookieScope,
  type CookieSession,
  type CookieSessionOptions,
} from './adapter/cookie-session.js';
export {
  plainResponse,
  sendResponse,
  toResponse,
  type NodeWritable,
  type PlainResponse,
} from './routes/response.js';
export { mountOf, type RouteMount } from './routes/mount.js';
export { Routes } from './routes/routes.js';
export type { Guard } from './routes/guard-options.js';
export { tokenGuard } from './routes/guards.js';
