const { createClient } = require("redis");
const { MongoClient } = require("mongodb");

const redis = createClient({ socket: { host: process.env.REDIS_HOST, port: Number(process.env.REDIS_PORT) },
  password: process.env.REDIS_PASSWORD, database: Number(process.env.REDIS_DB) });
const sessions = createClient({ url: process.env.SESSION_REDIS_URL });
const mongo = new MongoClient(process.env.MONGO_URL);
const session = { prefix: process.env.SESSION_PREFIX, name: process.env.SESSION_COOKIE_NAME, secure: process.env.COOKIE_SECURE };
const oidc = { issuer: process.env.OIDC_ISSUER, client: process.env.OIDC_CLIENT_ID, secret: process.env.JWT_SECRET };
const media = { bucket: process.env.S3_BUCKET, endpoint: process.env.S3_ENDPOINT, region: process.env.S3_REGION, cdn: process.env.CDN_URL };
const jobs = { brokers: process.env.KAFKA_BROKERS.split(","), topic: process.env.KAFKA_TOPIC };
const level = process.env.LOG_LEVEL || "info";
module.exports = { redis, sessions, mongo, session, oidc, media, jobs, level };
