#!/usr/bin/perl
# SPDX-License-Identifier: GPL-3.0-or-later
# Both makes register on what Coven offers by default, and nobody helps: linphonec at once, with
# SHA-256; baresip 1.0.0 gives up at two challenges, comes back after 30 to 60 s and gets MD5 alone.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Test::More;
use Time::HiRes 'time';
use PhoneBaresip;
use PhoneCall;
use PhoneLinphone;
use PhoneServer;
use PhoneWire;

use constant { AT_ONCE => 8, RETRY => 65 };

need_program('baresip', 'linphonec');
my $server = PhoneServer->start(qw(alice bob));
my $wire = PhoneWire->new;
my $began = time;
my $bob = PhoneLinphone->new($server->for_phone('bob'))->start;
my $alice = PhoneBaresip->new($server->for_phone('alice'))->start;

ok($bob->wait_registered(AT_ONCE), 'linphonec registers at once') or diag($bob->log_text);
like($bob->trace, qr/^Authorization:.*\balgorithm="?SHA-256\b/mi, 'with SHA-256');

ok($alice->wait_patiently(RETRY), 'baresip registers without help') or diag($alice->log_text);
note(sprintf 'after %.0f s', time - $began);
talk($server, $wire, $alice, $bob, $bob, 'baresip calls linphonec');
talk($server, $wire, $bob, $alice, $alice, 'linphonec calls baresip');

$_->quit for $alice, $bob;
ok($server->stop, 'the server ends well');
done_testing;
