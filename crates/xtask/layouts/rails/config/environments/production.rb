Rails.application.configure do
  config.eager_load = true
  config.force_ssl = ENV.fetch("FORCE_SSL", "true") == "true"
  config.cache_store = :mem_cache_store, ENV.fetch("CACHE_URL")
  config.session_store :redis_session_store,
    key: ENV.fetch("SESSION_COOKIE_NAME"),
    redis: { url: ENV.fetch("SESSION_REDIS_URL"), key_prefix: ENV.fetch("SESSION_NAMESPACE") }
  config.action_mailer.smtp_settings = {
    address: ENV["SMTP_ADDRESS"], port: ENV["SMTP_PORT"],
    user_name: ENV["SMTP_USERNAME"], password: ENV["SMTP_PASSWORD"]
  }
end
