const express = require("express");
const session = require("express-session");
const { RedisStore } = require("connect-redis");
const { createClient } = require("redis");
const { Pool } = require("pg");

const app = express();
const pool = new Pool({ connectionString: process.env.DATABASE_URL });
const sessions = createClient({ url: process.env.SESSION_REDIS_URL });
const cache = createClient({ url: process.env.REDIS_URL });

app.use(session({
  store: new RedisStore({ client: sessions, prefix: process.env.SESSION_PREFIX }),
  name: process.env.SESSION_COOKIE,
  secret: process.env.SESSION_SECRET,
  resave: false,
  saveUninitialized: false,
}));

const payments = { url: process.env.PAYMENTS_URL, key: process.env.PAYMENTS_KEY };
const limits = {
  upload: Number(process.env.UPLOAD_LIMIT_MB ?? 10),
  rate: Number(process.env.RATE_LIMIT ?? 100),
  refunds: process.env.ENABLE_REFUNDS === "true",
};
const queue = process.env.QUEUE_URL;
const self = process.env.PUBLIC_URL;

app.get("/healthz", (request, response) => response.json({ payments: !!payments.key, limits, queue: !!queue, self }));
app.listen(process.env.PORT, "127.0.0.1");
