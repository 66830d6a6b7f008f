/** What the page shows of the user; nothing without a session. */
export default defineEventHandler(async (event) => {
  setResponseHeader(event, 'cache-control', 'no-store');
  const user = await session.getSession(toWebRequest(event));
  if (!user) return { name: undefined };
  const response = await oauth.corp.get('me', { token: user.token });
  return { name: user.name, status: response.status, body: await response.text() };
});
