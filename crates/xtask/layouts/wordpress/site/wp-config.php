<?php
/** The base configuration for WordPress, with everything that differs taken from the environment. */

define( 'DB_NAME', getenv('WORDPRESS_DB_NAME') );
define( 'DB_USER', getenv('WORDPRESS_DB_USER') );
define( 'DB_PASSWORD', getenv('WORDPRESS_DB_PASSWORD') );
define( 'DB_HOST', getenv('WORDPRESS_DB_HOST') );
define( 'DB_CHARSET', 'utf8mb4' );
define( 'DB_COLLATE', '' );

define( 'AUTH_KEY', getenv('WORDPRESS_AUTH_KEY') );
define( 'SECURE_AUTH_KEY', getenv('WORDPRESS_SECURE_AUTH_KEY') );
define( 'NONCE_SALT', getenv('WORDPRESS_NONCE_SALT') );

define( 'WP_HOME', getenv('WP_HOME') );
define( 'WP_SITEURL', WP_HOME . '/wp' );
define( 'WP_CONTENT_URL', getenv('CDN_URL') );
define( 'WP_ENVIRONMENT_TYPE', getenv('WP_ENVIRONMENT_TYPE') );
define( 'WP_DEBUG', getenv('WP_DEBUG') === 'true' );
define( 'WP_MEMORY_LIMIT', getenv('WP_MEMORY_LIMIT') ?: '256M' );
define( 'FORCE_SSL_ADMIN', getenv('FORCE_SSL_ADMIN') );
define( 'DISABLE_WP_CRON', true );
define( 'WP_AUTO_UPDATE_CORE', false );

define( 'WP_REDIS_HOST', getenv('WP_REDIS_HOST') );
define( 'WP_REDIS_PORT', getenv('WP_REDIS_PORT') );
define( 'WP_REDIS_DATABASE', getenv('WP_REDIS_DATABASE') );
define( 'WP_REDIS_PREFIX', getenv('WP_REDIS_PREFIX') );

$table_prefix = getenv('WORDPRESS_TABLE_PREFIX');

if ( ! defined( 'ABSPATH' ) ) {
	define( 'ABSPATH', __DIR__ . '/wp/' );
}
