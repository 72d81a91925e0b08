const amqp = require("amqplib");
const nodemailer = require("nodemailer");
const { Pool } = require("pg");

async function main() {
  const pool = new Pool({ connectionString: process.env.DATABASE_URL });
  const transport = nodemailer.createTransport(process.env.SMTP_URL);
  const connection = await amqp.connect(process.env.QUEUE_URL);
  const channel = await connection.createChannel();
  await channel.prefetch(Number(process.env.CONCURRENCY ?? 2));
  await channel.consume("mail", (message) => transport.sendMail({ from: process.env.MAIL_FROM, ...JSON.parse(message.content) }));
  return pool;
}

main();
