import { MongoClient } from "mongodb";

const { KAFKA_BROKERS, KAFKA_TOPIC, S3_BUCKET, S3_ENDPOINT, S3_SECRET_KEY } = process.env;
const mongo = new MongoClient(process.env.MONGO_URL);
const scratch = process.env.SCRATCH_DIR;
const threads = Number(process.env.ENCODER_THREADS ?? 2);
export default { KAFKA_BROKERS, KAFKA_TOPIC, S3_BUCKET, S3_ENDPOINT, S3_SECRET_KEY, mongo, scratch, threads };
