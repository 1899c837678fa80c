#!/usr/bin/perl
# SPDX-License-Identifier: GPL-3.0-or-later
# store-lmdb: kill -9 at a random moment while 20 phones register as fast as they can. What was acknowledged is there
# afterwards, exactly; of what was on its way all or nothing. And 10,000 bindings are back within a second.
use strict;
use warnings;
use lib ($ENV{top_srcdir} // '.') . '/t/lib';
use Covend;
use IO::Select;
use Registrant;
use Test::More;
use Time::HiRes qw(sleep time);

plan skip_all => Covend::missing() if Covend::missing();
my $PHONES = 20;
my $KEPT = 4;    # each REGISTER adds a contact and takes the oldest away
my $ROUNDS = $ENV{COVEN_LONG} ? 5 : 1;
my ($USERS, $EACH) = (100, 100);    # what is many
my $folder = Covend::folder();
my $server = Covend->new(folder => $folder, text => 'workers = 2;' . Registrant::server_text('{ name = "store-lmdb"; }',
	(map { "u$_" } 1 .. $PHONES), map { "m$_" } 1 .. $USERS));
ok($server->start, 'covend starts') or BAIL_OUT($server->log_text);
my @phones = map { Registrant->new(port => $server->{port}, user => "u$_") } 1 .. $PHONES;
$_->{acknowledged} = $_->{asked} = '' for @phones;
$_->{last} = $_->{base} = 0 for @phones;

sub uri { "sip:$_[0]{user}\@192.0.2.1:" . (1000 + $_[1]) }

# The next REGISTER of a phone, and the set that it will leave.
sub step {
	my $phone = shift;
	my $n = ++$phone->{last};
	my $old = $n - $KEPT;
	my @old = $old > $phone->{base} ? '<' . uri($phone, $old) . '>;expires=0' : ();
	$phone->{asked} = join ' ', sort map { uri($phone, $_) } (@old ? $old + 1 : $phone->{base} + 1) .. $n;
	$phone->send($phone->register_bytes('<' . uri($phone, $n) . '>', @old));
}

sub play {
	my $until = time + shift;
	my $select = IO::Select->new(map { $_->{socket} } @phones);
	my %by = map { $_->{socket} => $_ } @phones;
	my $answers = 0;
	step($_) for @phones;
	while (time < $until) {
		for my $socket ($select->can_read(0.05)) {
			my $phone = $by{$socket};
			my $bytes = $phone->get(0) // next;
			next if Peer::code($bytes) != 200;
			$answers++;
			$phone->{acknowledged} = Registrant::contacts($bytes);
			step($phone);
		}
	}
	return $answers;
}

for my $round (1 .. $ROUNDS) {
	my $answers = play(0.3 + rand 1.5);
	is($server->end('KILL'), 'signal 9', "round $round: killed after $answers registrations");
	while (my ($phone) = grep { IO::Select->new($_->{socket})->can_read(0) } @phones) {
		my $bytes = $phone->get(0) // last;    # what had left before
		$phone->{acknowledged} = Registrant::contacts($bytes) if Peer::code($bytes) == 200;
	}
	cmp_ok($answers, '>', $PHONES, 'many were acknowledged');
	ok($server->start, 'started again') or diag($server->log_text);
	my @wrong;
	for my $phone (@phones) {
		my $there = $phone->registered;
		push @wrong, "$phone->{user}: there $there, acknowledged $phone->{acknowledged}, asked $phone->{asked}"
			if $there ne $phone->{acknowledged} && $there ne $phone->{asked};
		$phone->register(map { "<$_>;expires=0" } split / /, $there);    # the next round begins with nothing
		$phone->{base} = $phone->{last};
		$phone->{acknowledged} = $phone->{asked} = '';
	}
	is(scalar @wrong, 0, 'each phone is where it was told that it is') or diag(join "\n", @wrong);
}

# -- many

for my $n (1 .. $USERS) {
	my $phone = Registrant->new(port => $server->{port}, user => "m$n");
	my @all = map { "<sip:m$n\@198.51.100.1:$_>" } 1 .. $EACH;
	while (my @some = splice @all, 0, 20) {
		$phone->register(@some);
	}
}
is($server->end('KILL'), 'signal 9', 'killed with many bindings');
my $began = time;
ok($server->start, 'started');
my $took = time - $began;
my ($back, $ms) = (Covend::slurp($server->{log}) =~ /(\d+) bindings of \d+ users and \d+ records back in (\d+) ms/g)[-2, -1];
is($back, $USERS * $EACH, 'all bindings are back');
cmp_ok($ms, '<', 1000, sprintf 'in %d ms; ready after %.2f s', $ms, $took);
is($server->end('TERM'), 'exit 0', 'it ends');
done_testing;
