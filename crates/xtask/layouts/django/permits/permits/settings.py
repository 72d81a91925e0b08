import os
from urllib.parse import urlparse

SECRET_KEY = os.environ["DJANGO_SECRET_KEY"]
DEBUG = os.environ.get("DJANGO_DEBUG", "False") == "True"
ALLOWED_HOSTS = os.environ["DJANGO_ALLOWED_HOSTS"].split(",")
LANGUAGE_CODE = os.getenv("LANGUAGE_CODE", "en-us")
TIME_ZONE = os.getenv("TIME_ZONE", "UTC")

DATABASES = {
    "default": {
        "ENGINE": os.environ["DATABASE_ENGINE"],
        "HOST": os.environ["DATABASE_HOST"],
        "PORT": os.environ["DATABASE_PORT"],
        "NAME": os.environ["DATABASE_NAME"],
        "USER": os.environ["DATABASE_USER"],
        "PASSWORD": os.environ["DATABASE_PASSWORD"],
        "OPTIONS": {"sslmode": os.environ["DATABASE_SSLMODE"]},
        "CONN_MAX_AGE": int(os.getenv("CONN_MAX_AGE", "0")),
    }
}

CACHES = {"default": {"BACKEND": "django_redis.cache.RedisCache", "LOCATION": os.environ["CACHE_URL"]}}
CELERY_BROKER_URL = os.environ["CELERY_BROKER_URL"]
SESSION_ENGINE = "django.contrib.sessions.backends.cache"
SESSION_REDIS = urlparse(os.environ["SESSION_REDIS_URL"])
SESSION_COOKIE_NAME = os.environ["SESSION_COOKIE_NAME"]
SESSION_COOKIE_SECURE = os.environ["SESSION_COOKIE_SECURE"] == "True"
CSRF_TRUSTED_ORIGINS = os.environ["CSRF_TRUSTED_ORIGINS"].split(",")
SECURE_SSL_REDIRECT = os.getenv("SECURE_SSL_REDIRECT", "False") == "True"

EMAIL_HOST = os.environ["EMAIL_HOST"]
EMAIL_PORT = int(os.environ["EMAIL_PORT"])
EMAIL_HOST_USER = os.environ["EMAIL_HOST_USER"]
EMAIL_HOST_PASSWORD = os.environ["EMAIL_HOST_PASSWORD"]
EMAIL_USE_TLS = os.environ["EMAIL_USE_TLS"] == "True"
DEFAULT_FROM_EMAIL = os.environ["DEFAULT_FROM_EMAIL"]
AWS_STORAGE_BUCKET_NAME = os.environ["AWS_STORAGE_BUCKET_NAME"]
DATA_UPLOAD_MAX_MEMORY_SIZE = int(os.getenv("DATA_UPLOAD_MAX_MB", "5")) * 1024 * 1024
SENTRY_DSN = os.getenv("SENTRY_DSN", "")
KVK = {"url": os.environ["KVK_API_URL"], "key": os.environ["KVK_API_KEY"]}
LOG_LEVEL = os.getenv("DJANGO_LOG_LEVEL", "INFO")
