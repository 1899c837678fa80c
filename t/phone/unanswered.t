#!/usr/bin/perl
# SPDX-License-Identifier: GPL-3.0-or-later
# Calls between baresips that come to nothing: refused, busy, cancelled, not answered, to nobody.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Test::More;
use PhoneBaresip;
use PhoneCall;
use PhoneServer;

need_program('baresip');
my $server = PhoneServer->start(map { "$_/md5" } qw(alice bob carol dave));
my ($alice, $bob, $carol) = map {
	PhoneBaresip->new($server->for_phone($_), calls => 1, rings => 4)->start
} qw(alice bob carol);
registers($_, $_->{user}) for $alice, $bob, $carol;

refused($alice, $bob, 486, 'bob refuses');
cancelled($alice, $bob, 'alice cancels');
busy($alice, $bob, $carol, 'bob is busy');
unanswered($alice, $bob, 'bob does not answer');
cancelled($bob, $alice, 'bob cancels');

my @cases = ([dave => 480, "a user without a phone"], [nobody => 404, "a user that does not exist"]);
for my $case (@cases) {
	my ($user, $code, $name) = @$case;
	$alice->forget;
	$alice->dial("$user\@" . $server->domain);
	like($alice->wait_closed(5) // 'nothing', qr/^$code /, "$name: $code");
}
$_->quit for $alice, $bob, $carol;
ok($server->stop, 'the server ends well');
done_testing;
