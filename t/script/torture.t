#!/usr/bin/perl
# SPDX-License-Identifier: GPL-3.0-or-later
# The messages of RFC 4475 and RFC 5118, in t/torture, over UDP and TCP to a covend that is the server of example.com:
# each gets the answer that t/torture/expect says, and at the end the server lives and has not grown.
use strict;
use warnings;
use FindBin ();
use lib "$FindBin::Bin/../lib";
use IO::Select;
use IO::Socket::INET;
use Test::More;
use Time::HiRes qw(time);
use Covend;

use constant {
	WAIT => 10,             # seconds for an answer that must come
	SILENCE => 0.1,         # seconds in which nothing may come, where nothing else can tell
	WARM => 60,             # rounds before the memory is read
	ROUNDS => 100,
	GROWTH => 64,           # KiB that these may cost
	DIFFER => 5,            # answers that may differ from what the RFC would have
};

plan skip_all => Covend::missing() if Covend::missing();
my $dir = ($ENV{top_srcdir} // "$FindBin::Bin/../..") . '/t/torture';
my $folder = Covend::folder();
my $server = Covend->new(folder => $folder, args => ['--test-clock'], text => <<'END');
workers = 1;
plugins = ( { name = "users"; accounts = ( { name = "alice"; password = "secret-alice"; } ); } );
END

# One message: lines of text that end in CR LF; \xHH is a byte, \\ a backslash, and one at the end of a line joins it with
# the next.
sub bytes_of {
	my ($text) = @_;
	$text =~ s{\\(?:x([0-9a-f]{2})|(\\)|\n)|\n}{defined $1 ? chr hex $1 : defined $2 ? '\\' : $& eq "\n" ? "\r\n" : ''}ge;
	return $text;
}

# The table: messages in its order, each with what must come back.
sub expected {
	my @rows;
	for my $line (split /\n/, Covend::slurp("$dir/expect")) {
		next if $line =~ /^\s*(?:#|$)/;
		my ($name, $udp, $tcp, $differs, $why) = $line =~ /^(\S+)\s+(\S+)\s+(\S+)\s+(differs )?(\S.*)$/
			or die "expect: $line\n";
		push @rows, { name => $name, udp => $udp, tcp => $tcp, why => $why, differs => $differs,
			bytes => bytes_of(Covend::slurp("$dir/$name.msg")) };
	}
	return @rows;
}

my $marks = 0;

# A request that is always answered: what was sent before it has been served when its answer is here.
sub mark {
	my ($transport) = @_;
	$marks++;
	return ("mark-$marks", join "\r\n", 'OPTIONS sip:nobody@example.com SIP/2.0',
		"Via: SIP/2.0/$transport 127.0.0.1:9;branch=z9hG4bKmark$marks;rport", 'Max-Forwards: 70',
		'From: <sip:mark@elsewhere.example>;tag=m', 'To: <sip:nobody@example.com>', "Call-ID: mark-$marks",
		'CSeq: 1 OPTIONS', 'Content-Length: 0', '', '');
}

sub code { $_[0] =~ m{^SIP/2\.0 (\d{3}) } ? $1 : 'nonsense' }

sub answers { @_ ? join ',', @_ : '-' }

my $udp = IO::Socket::INET->new(PeerAddr => '127.0.0.1', PeerPort => $server->{port}, Proto => 'udp') or die "udp: $!\n";

sub over_udp {
	my (@messages) = @_;
	my ($id, $mark) = mark('UDP');
	my @codes;
	$udp->send($_) for @messages, $mark;
	while (IO::Select->new($udp)->can_read(WAIT)) {
		defined $udp->recv(my $got, 65536) or last;
		return answers(@codes) if $got =~ /^Call-ID: \Q$id\E\r$/mi;
		push @codes, code($got);
	}
	return 'no end of ' . answers(@codes);
}

# The codes that come on a connection of its own, then "closed" where the server ends it, or "more" where it waits for the
# rest: a mark would be taken for that, so there it is silence that decides.
sub over_tcp {
	my ($message, $more) = @_;
	my $tcp = IO::Socket::INET->new(PeerAddr => '127.0.0.1', PeerPort => $server->{port}) or return "no connection: $!";
	my ($id, $mark) = mark('TCP');
	local $SIG{PIPE} = 'IGNORE';
	$tcp->syswrite($more ? $message : $message . $mark);
	my ($got, @codes) = '';
	while (1) {
		while ($got =~ s/^(.*?\r\n\r\n)//s) {
			my $head = $1;
			my $length = $head =~ /^Content-Length: *(\d+)/mi ? $1 : 0;
			substr $got, 0, $length, '';
			return answers(@codes) if $head =~ /^Call-ID: \Q$id\E\r$/mi;
			push @codes, code($head);
		}
		return answers(@codes, $more ? 'more' : 'silence')
			if !IO::Select->new($tcp)->can_read($more ? SILENCE : WAIT);
		return answers(@codes, 'closed') if !sysread $tcp, $got, 65536, length $got;
	}
}

# Anonymous memory of the server, in KiB
sub memory {
	my ($kib) = Covend::slurp('/proc/' . $server->pid . '/status') =~ /^RssAnon:\s+(\d+)/m;
	return $kib;
}

# Gives how often an answer did not come.
sub rounds {
	my ($count, @rows) = @_;
	my $missed = 0;
	my @bytes = map { $_->{bytes} } @rows;
	for (1 .. $count) {
		for my $at (map { $_ * 10 } 0 .. $#bytes / 10) {
			$missed++ if over_udp(splice @{ [@bytes] }, $at, 10) =~ /no end/;
		}
		for my $row (grep { $_->{tcp} !~ /more/ } @rows) {
			$missed++ if over_tcp($row->{bytes}) ne $row->{tcp};
		}
		$server->command('clock', 'advance', '40s');
	}
	return $missed;
}

ok($server->start, 'covend is ready') or BAIL_OUT($server->log_text);
my @rows = expected();
my %listed = map { ("$_->{name}.msg" => 1) } @rows;
opendir my $files, $dir or die "$dir: $!\n";
is(join(' ', grep { /\.msg$/ && !$listed{$_} } readdir $files), '', 'every message is in the table');
is(scalar(@rows), 61, 'there are 61 of them');
cmp_ok(scalar(grep { $_->{differs} } @rows), '<=', DIFFER, 'few answers differ from the RFC, and on purpose');
for my $row (@rows) {
	$server->command('clock', 'advance', '40s');
	my $name = "$row->{name}: $row->{why}";
	is(over_udp($row->{bytes}), $row->{udp}, "UDP $name");
	is(over_tcp($row->{bytes}, $row->{tcp} =~ /more/), $row->{tcp}, "TCP $name");
}
my $began = time;
is(rounds(WARM, @rows), 0, 'all are answered, again and again');
my $before = memory();
SKIP: {
	skip 'a sanitizer keeps what is freed', 1 if ($ENV{sanitizers} // 'no') ne 'no';
	rounds(ROUNDS, @rows);
	cmp_ok(memory() - $before, '<=', GROWTH, 'KiB more after ' . ROUNDS . ' rounds');
}
note(sprintf '%d messages in %.1f s, %d KiB', @rows * 2 * (WARM + ROUNDS), time - $began, memory());
is(over_udp(), '-', 'the server answers');
is($server->end('TERM'), 'exit 0', 'and ends well');
unlike($server->log_text, qr/Sanitizer|runtime error/, 'nothing from a sanitizer');
done_testing();
