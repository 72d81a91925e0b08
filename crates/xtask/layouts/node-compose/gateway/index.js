import http from "node:http";
import { createClient } from "redis";

const { API_URL, SESSION_REDIS_URL, SESSION_PREFIX, SESSION_COOKIE, SESSION_SECRET } = process.env;
const secure = process.env.COOKIE_SECURE === "true";
const behindProxy = process.env.TRUST_PROXY === "true";
const sessions = createClient({ url: SESSION_REDIS_URL });

http.createServer(async (request, response) => {
  const found = await sessions.get(SESSION_PREFIX + request.headers.cookie);
  response.writeHead(found ? 200 : 401);
  response.end(JSON.stringify({ api: API_URL, cookie: SESSION_COOKIE, secure, behindProxy, signed: !!SESSION_SECRET }));
}).listen(process.env.PORT, "127.0.0.1");
