#!/usr/bin/perl
# SPDX-License-Identifier: GPL-3.0-or-later
# The filter for fail2ban finds the bans that covend itself writes into its log, by the real fail2ban-regex, and nothing else.
use strict;
use warnings;
use FindBin ();
use lib "$FindBin::Bin/../lib";
use IO::Socket::INET;
use Test::More;
use Covend;

my $top = $ENV{top_srcdir} // "$FindBin::Bin/../..";
my ($regex) = grep { -x } map { "$_/fail2ban-regex" } split(/:/, $ENV{PATH} // ''), '/usr/bin';
plan skip_all => Covend::missing() if Covend::missing();
plan skip_all => 'no fail2ban-regex' if !$regex;

my $folder = Covend::folder();
my $filter = "$top/etc/fail2ban/filter.d/coven.conf";

sub found {
	my ($file) = @_;
	my @lines = `$regex -o ip '$file' '$filter' 2>&1`;
	chomp @lines;
	return join ' ', @lines;
}

# What a server writes
my $server = Covend->new(folder => $folder, text => <<'END');
workers = 1;
listen = ("tcp:127.0.0.1:PORT");
plugins = ( { name = "guard"; limit = 5; never = (); } );
END
$server->{text} =~ s/PORT/$server->{port}/;
$server->configure;
ok($server->start, 'it is ready') or BAIL_OUT($server->log_text);
ok($server->command(qw(ban add 192.0.2.99))->{ok}, 'a ban by hand');
my $socket = IO::Socket::INET->new(Proto => 'tcp', LocalAddr => '127.0.0.2', PeerAddr => '127.0.0.1', PeerPort => $server->{port})
	or die "connect: $!\n";
syswrite $socket, join "\r\n", 'OPTIONS sip:example.com SIP/2.0', 'Via: SIP/2.0/TCP 127.0.0.2;branch=z9hG4bK1', 'Max-Forwards: 70',
	'From: <sip:a@elsewhere.example>;tag=1', 'To: <sip:example.com>', 'Call-ID: 1', 'CSeq: 1 OPTIONS', 'Content-Length: 4abc', '', '';
ok($server->logs(qr/ warn guard: banned 127\.0\.0\.2 for 60 s: malformed messages$/m), 'a ban in the log');
is($server->end('TERM'), 'exit 0', 'it ends well');
is(found($server->{log}), '127.0.0.2', 'the filter finds it, and no other line');

# The same by the journal, and lines that only look like it
my $date = '2026-01-02T03:04:05.678Z';
open my $out, '>', "$folder/lines" or die "lines: $!\n";
print $out "$date $_\n" for 'warn guard: banned 192.0.2.1 for 60 s: wrong passwords', 'warn guard: banned 2001:db8::7 for 86400 s: scanning',
	'warn guard: banned 192.0.2.2 for 120 s: too many messages', 'warn guard: banned 192.0.2.3 for 60 s: by hand',
	'info guard: 192.0.2.4 is no longer banned: by hand', 'warn auth-digest: x guard: banned 192.0.2.5 for 60 s: scanning',
	'warn scan: refused warn guard: banned 192.0.2.6 for 60 s: scanning';
print $out "Jan  2 03:04:05 host covend[123]: warn guard: banned 192.0.2.8 for 60 s: malformed messages\n";
close $out;
is(found("$folder/lines"), '192.0.2.1 2001:db8::7 192.0.2.2 192.0.2.8', 'every cause but by hand, and nothing that others say');

# The sample of a jail names the filter that is there
like(Covend::slurp("$top/etc/fail2ban/jail.d/coven.conf"), qr/^filter = coven$/m, 'the jail has the filter');
done_testing();
