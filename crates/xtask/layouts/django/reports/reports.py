import os

import psycopg
import redis

connection = psycopg.connect(os.environ["REPORTS_DB_DSN"])
sessions = redis.Redis.from_url(os.environ["SESSION_REDIS_URL"])
cookie = os.environ["SESSION_COOKIE_NAME"]
key = os.environ["DJANGO_SECRET_KEY"]
bucket = os.environ["REPORTS_BUCKET"]
base = os.environ["REPORTS_BASE_URL"]
