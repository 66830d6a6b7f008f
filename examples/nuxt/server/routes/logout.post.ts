export default defineEventHandler(async (event) => {
  const headers = new Headers({ location: '/' });
  await session.clearSession({ request: toWebRequest(event), headers });
  return new Response(null, { status: 303, headers });
});
