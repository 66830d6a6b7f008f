export default defineEventHandler((event) => oauth.corp.authorizeRedirect(toWebRequest(event)));
