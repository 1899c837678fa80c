#!/usr/bin/perl
# SPDX-License-Identifier: GPL-3.0-or-later
# Bombs as in RFC 5393: a user whose devices are he himself, twice; and two servers with two users each, whose devices are
# both users of the other server, so that every request would be doubled at every hop. What they cost before they end:
# packets, time and processor.
use strict;
use warnings;
use FindBin ();
use lib "$FindBin::Bin/../lib";
use Test::More;
use Time::HiRes qw(time);
use Covend;
use Peer;

use constant {
	PACKETS => 20,          # that the servers get, requests and answers
	PACKETS_TWO => 64,      # where there are two of them: every way through the four users once
	SECONDS => 1,           # until the caller has his answer
	CPU => 0.1,             # seconds of both servers
};

plan skip_all => Covend::missing() if Covend::missing();
my $folder = Covend::folder();
my %port = map { $_ => Covend::free_port() } qw(west east);
my %other = (west => 'east', east => 'west');

sub server {
	my ($name) = @_;
	my $hop = "sip:127.0.0.1:$port{ $other{$name} }";
	my $self = "sip:127.0.0.1:$port{$name}";
	my @targets = map { qq({ user = "self"; to = "sip:self\@$name.example$_"; hop = "$self"; }) } '', ';x=1';
	push @targets, map { my $user = $_; map { qq({ user = "$user"; to = "sip:$_\@$other{$name}.example"; hop = "$hop"; }) } qw(a b) }
		qw(a b);
	return Covend->new(folder => $folder, name => $name, port => $port{$name}, args => ['--test-clock'], text => join "\n",
		'workers = 1;', qq(domains = ("$name.example");),
		'plugins_only = ( { name = "relay"; targets = (' . join(', ', @targets) . '); } );');
}

sub cpu {
	my ($server) = @_;
	my @stat = split ' ', Covend::slurp('/proc/' . $server->pid . '/stat') =~ s/^.*\) //sr;
	return ($stat[11] + $stat[12]) / POSIX::sysconf(POSIX::_SC_CLK_TCK());
}

# Requests and responses that a server has had
sub packets {
	my ($server) = @_;
	my $row = $server->command('status')->{rows}[0];
	return $row->{requests} + $row->{responses};
}

sub total {
	my ($figure, @servers) = @_;
	my $sum = 0;
	$sum += $figure->($_) for @servers;
	return $sum;
}

my @servers = map { server($_) } qw(west east);
for my $server (@servers) {
	plan skip_all => 'the plugin relay is not built' if !-e Covend::build() . '/.libs/relay.so';
	ok($server->start, "$server->{name} is ready") or BAIL_OUT($server->log_text);
}
my $peer = Peer->new(port => $port{west}, domain => 'west.example');
for (qw(MESSAGE/self INVITE/self MESSAGE/a INVITE/a)) {
	my ($method, $user) = split m{/};
	my $most = $user eq 'self' ? PACKETS : PACKETS_TWO;
	my ($packets, $cpu) = (total(\&packets, @servers), total(\&cpu, @servers));
	my $began = time;
	my $code = 0;
	$peer->send($peer->request($method, "sip:$user\@west.example", more => ["Contact: <sip:x\@192.0.2.1>"]));
	while ($code < 200 && defined(my $answer = $peer->get)) {
		$code = Peer::code($answer);
	}
	my $took = time - $began;
	$packets = total(\&packets, @servers) - $packets;
	$cpu = total(\&cpu, @servers) - $cpu;
	note(sprintf '%s to %s: %d after %.3f s, %d packets, %.2f s of processor', $method, $user, $code, $took, $packets, $cpu);
	like($code, qr/^(?:482|483|440)$/, "$method to $user: the loop is seen");
	cmp_ok($took, '<', SECONDS, 'soon');
	cmp_ok($packets, '<=', $most, 'with few packets');
	cmp_ok($cpu, '<', CPU, 'and little work');
}
$_->command('clock', 'advance', '64s') for @servers, @servers;
is($_->end('TERM'), 'exit 0', "$_->{name} ends well") for @servers;
unlike($_->log_text, qr/Sanitizer|runtime error/, 'nothing from a sanitizer') for @servers;
done_testing();
