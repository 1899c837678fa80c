#!/usr/bin/perl
# SPDX-License-Identifier: GPL-3.0-or-later
# baresip and linphonec, two makes that offer their digests differently, call each other both ways.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Test::More;
use PhoneBaresip;
use PhoneCall;
use PhoneLinphone;
use PhoneServer;
use PhoneWire;

need_program('baresip', 'linphonec');
my $server = PhoneServer->start('alice/md5', 'bob');
my $wire = PhoneWire->new;
my $bob = PhoneLinphone->new($server->for_phone('bob'), rings => 4)->start;
my $alice = PhoneBaresip->new($server->for_phone('alice'))->start;
registers($alice, 'baresip');
registers($bob, 'linphonec');

talk($server, $wire, $alice, $bob, $bob, 'baresip calls, linphonec hangs up');
talk($server, $wire, $alice, $bob, $alice, 'baresip calls and hangs up');
talk($server, $wire, $bob, $alice, $bob, 'linphonec calls and hangs up');
talk($server, $wire, $bob, $alice, $alice, 'linphonec calls, baresip hangs up');

refused($alice, $bob, 603, 'linphonec refuses');
refused($bob, $alice, 486, 'baresip refuses');
cancelled($alice, $bob, 'baresip cancels');
cancelled($bob, $alice, 'linphonec cancels');
unanswered($alice, $bob, 'linphonec does not answer');

$_->quit for $alice, $bob;
ok($server->stop, 'the server ends well');
done_testing;
