#!/usr/bin/perl
# SPDX-License-Identifier: GPL-3.0-or-later
# Two baresip over TLS and one over UDP call each other.  (baresip 1.0.0 takes any
# certificate, also one of an authority that it was not told to believe: nothing is proven of its checks.)
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Test::More;
use PhoneBaresip;
use PhoneCall;
use PhoneServer;
use PhoneWire;
use Sipt::Tls;

need_program('baresip');
plan skip_all => 'no IO::Socket::SSL here' if !Sipt::Tls::there();
my $server = PhoneServer->start_secure(map { "$_/md5" } qw(alice bob carol));
my $wire = PhoneWire->new;
my ($alice, $bob) = map { PhoneBaresip->new($server->for_secure_phone($_))->start } qw(alice bob);
my $carol = PhoneBaresip->new($server->for_phone('carol'))->start;
registers($alice, 'alice, by TLS');
registers($bob, 'bob, by TLS');
registers($carol, 'carol, by UDP');

talk($server, $wire, $alice, $bob, $bob, 'alice calls bob, both by TLS, who hangs up');
talk($server, $wire, $carol, $alice, $carol, 'carol calls alice by TLS and hangs up');
talk($server, $wire, $bob, $carol, $carol, 'bob calls carol by UDP, who hangs up');

$_->quit for $alice, $bob, $carol;
ok($server->stop, 'the server ends well');
done_testing;
