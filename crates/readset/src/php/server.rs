//! What stands in `$_SERVER` besides the environment.

/// Whether the web server, CGI or PHP itself puts a key into `$_SERVER`, so that it is no configuration.
///
/// Sources: PHP manual, `$_SERVER` (php.net/manual/en/reserved.variables.server.php); RFC 3875 section 4.1 "Request Meta-Variables";
/// Apache's mod_cgi, mod_rewrite (`REDIRECT_`), mod_ssl (`SSL_`) and mod_unique_id; nginx's fastcgi_params.
pub(super) fn is_of_the_request(key: &str) -> bool {
    const PREFIXES: &[&str] = &[
        "HTTP_",
        "REQUEST_",
        "SERVER_",
        "REMOTE_",
        "SCRIPT_",
        "REDIRECT_",
        "PHP_AUTH_",
        "SSL_",
        "CONTEXT_",
        "ORIG_",
        "FCGI_",
        "AUTH_",
        "CONTENT_",
        "PATH_",
    ];
    const NAMES: &[&str] = &[
        "argc",
        "argv",
        "DOCUMENT_ROOT",
        "DOCUMENT_URI",
        "GATEWAY_INTERFACE",
        "HTTPS",
        "PHP_SELF",
        "QUERY_STRING",
        "UNIQUE_ID",
        "UNENCODED_URL",
        "IIS_UrlRewriteModule",
        "X_FORWARDED_PROTO",
    ];
    NAMES.contains(&key) || PREFIXES.iter().any(|prefix| key.starts_with(prefix))
}
