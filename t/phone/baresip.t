#!/usr/bin/perl
# SPDX-License-Identifier: GPL-3.0-or-later
# Two baresip call each other both ways, over UDP and from UDP to TCP; hang-up from either side.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Test::More;
use PhoneBaresip;
use PhoneCall;
use PhoneServer;
use PhoneWire;

need_program('baresip');
my $server = PhoneServer->start(map { "$_/md5" } qw(alice bob carol));
my $wire = PhoneWire->new;
my ($alice, $bob, $carol) = map {
	PhoneBaresip->new($server->for_phone($_), transport => $_ eq 'carol' ? 'tcp' : 'udp')->start
} qw(alice bob carol);
registers($alice, 'alice');
registers($bob, 'bob');
registers($carol, 'carol, by TCP');

talk($server, $wire, $alice, $bob, $alice, 'alice calls bob and hangs up');
talk($server, $wire, $bob, $alice, $alice, 'bob calls alice, who hangs up');
talk($server, $wire, $alice, $carol, $carol, 'alice calls carol by TCP, who hangs up');
talk($server, $wire, $carol, $bob, $carol, 'carol calls bob by UDP and hangs up');

$bob->quit;
$alice->forget;
$alice->dial('bob@' . $server->domain);
like($alice->wait_closed(5) // 'nothing', qr/^480 /, 'a phone that has gone is not available');
$_->quit for $alice, $carol;
ok($server->stop, 'the server ends well');
done_testing;
