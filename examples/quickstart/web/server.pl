# A web service in one file, with nothing but the Perl that every Debian has: it greets, with the greeting of its configuration.
use strict;
use warnings;
use IO::Socket::INET;

my $greeting = $ENV{GREETING} // '';
my $server = IO::Socket::INET->new(
    LocalAddr => '127.0.0.1',
    LocalPort => $ENV{PORT},    # chosen by Sternway, a new one for each release
    Listen    => 128,
    ReuseAddr => 1,
) or die "port $ENV{PORT}: $!\n";
$SIG{CHLD} = 'IGNORE';
$| = 1;
print "listening on 127.0.0.1:$ENV{PORT}\n";

while (1) {
    my $client = $server->accept or next;
    next if fork;
    my $request = <$client> // exit;
    while (defined(my $header = <$client>)) { last if $header =~ /^\r?\n$/ }
    my ($status, $body) =
        $request =~ m{^GET /up } ? ('200 OK',                        "up\n")
      : $greeting ne ''          ? ('200 OK',                        "$greeting This is release $ENV{STERNWAY_RELEASE}.\n")
      :                            ('500 Internal Server Error',     "no greeting is configured\n");
    print $client "HTTP/1.1 $status\r\nContent-Type: text/plain\r\nContent-Length: ", length $body,
        "\r\nConnection: close\r\n\r\n$body";
    exit;
}
