#!/usr/bin/perl
# SPDX-License-Identifier: GPL-3.0-or-later
# Two linphonec encrypt with ZRTP and show the same short authentication string: nobody stands
# between them.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Test::More;
use PhoneCall;
use PhoneLinphone;
use PhoneServer;
use PhoneWire;

need_program('linphonec');
my $server = PhoneServer->start(qw(alice bob));
my $wire = PhoneWire->new;
my ($alice, $bob) = map {
	PhoneLinphone->new($server->for_phone($_), zrtp => 1)->start
} qw(alice bob);
registers($alice, 'alice');
registers($bob, 'bob');

$_->forget for $alice, $bob;
$wire->reset if $wire;
$alice->dial('bob@' . $server->domain);
ok($bob->wait_incoming(5), 'bob rings');
$bob->accept;
ok($alice->wait_talking(5) && $bob->wait_talking(5), 'they talk');
my ($one, $two) = ($alice->auth_token(12), $bob->auth_token(5));
ok($one, 'the call is encrypted') or diag($alice->log_text);
is($one, $two, 'both show the same string');
SKIP: {
	skip 'a packet socket takes CAP_NET_RAW', 2 if !$wire;
	my ($here, $there) = ([$alice->rtp_ports], [$bob->rtp_ports]);
	cmp_ok($wire->packets('zrtp', $here, $there), '>', 2, 'ZRTP runs between the two phones');
	my @astray = ($wire->media_at($server->port), $wire->media_beside($here, $there));
	is("@astray", '', 'and nowhere else');
}
$alice->hangup;
ok($bob->wait_closed(5), 'the call ends');
$_->quit for $alice, $bob;
ok($server->stop, 'the server ends well');
done_testing;
