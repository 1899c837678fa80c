# SPDX-License-Identifier: GPL-3.0-or-later
package Zones;
# A DNS of the test's own: a signed root and signed zones below it, served by NSD on a port of the loopback.
#
#	use Zones;
#	Zones::isolate();                     # first of all: into a network namespace in which there is only "lo"
#	plan skip_all => Zones::missing() if Zones::missing();
#	my $zones = Zones->new(folder => Covend::folder());   # also: port => 53, address => '127.0.0.1',
#	                                      # under => [qw(ip netns exec dns)], ttl => 300, negative => 60, empty => 1 (no zones)
#	$zones->add('a.example', '_5061._tcp.sip1 TLSA 3 1 1 ' . Zones::key_hash($certificate_file));
#	$zones->start;                        # signs, serves, returns when it answers
#	... "forward = (\"$zones->{forward}\"); trust_anchor = \"$zones->{anchor}\";" ...
#	$zones->add('a.example', 'new A 127.0.0.9'); $zones->reload;
#	$zones->pause; $zones->go_on;         # SIGSTOP, SIGCONT: a dead name server
#	$zones->stop;                         # also by itself at the end
#
# Zones at first (all below "example", which is signed; TTL 300, negative answers 60):
#	a.example b.example   secure: NAPTR and SRV for tls, tcp, udp; sip1, sip2 (priority 10), sip3 (20); addresses are
#	                      127.0.1.1 to .3 and ::1 (a), 127.0.2.1 to .3 and ::1 (b)
#	c.example             the same, insecure (signed, but no DS leads there)
#	d.example             the same, bogus (its DS is wrong)
#	e.example             the same, its signatures have expired
#	e164.arpa             an ENUM zone, secure: 1234 is +1 215 551 234 -> sip:bob@b.example
#
# More of them: $zones->zone('x.example', kind => 'secure', records => [ lines ]); kinds: secure insecure bogus expired
# unsigned; sip => 3 puts the records of a.example into it, with addresses 127.0.3.x.
# Zones::lookup($server, 'sips:a.example') asks a Covend: { hops => [...], error => undef or "bogus: ..." }; with a type behind it
# (records => 'TLSA') the records of a name.
#
# Records are lines of a zone file; names without a last dot are below the zone. add() adds lines, set() replaces those of the
# same name and type, remove('a.example', qr/TLSA/) takes lines out; each counts with the next start or reload. Only zones that
# have changed are signed again, at about 30 ms each.
use strict;
use warnings;
use IO::Select;
use IO::Socket::INET;
use IO::Socket::UNIX;
use JSON::PP ();
use POSIX ();
use Time::HiRes qw(sleep time);

my %running;
my $owner = $$;    # forks of the test stop nothing
END {
	my $status = $?;
	%running = () if $$ != $owner;
	kill 'KILL', keys %running;
	waitpid $_, 0 for keys %running;
	$? = $status;
}

# Runs this script again where no packet can leave the machine. Does nothing when it is there already.
sub isolate {
	my (@more) = @_;    # more flags of unshare, as "-m"
	if ($ENV{ZONES_ISOLATED}) {
		system('ip', 'link', 'set', 'lo', 'up') == 0 or die "ip link set lo up failed\n";
		return;
	}
	my @unshare = ('unshare', $> == 0 ? '-n' : '-rn', @more);
	my $tried = system("@unshare true 2>/dev/null");
	if ($tried != 0) {
		print "1..0 # SKIP no network namespaces here: @unshare\n";
		exit 0;
	}
	$ENV{ZONES_ISOLATED} = 1;
	$ENV{PERL5LIB} = join ':', @INC;
	exec @unshare, $^X, $0, @ARGV or die "unshare: $!\n";
}

sub missing {
	for my $program (qw(ldns-keygen ldns-signzone nsd)) {
		return "no $program" if !grep { -x "$_/$program" } split(/:/, $ENV{PATH} // ''), '/usr/sbin', '/usr/bin';
	}
	return;
}

# What a TLSA record "3 1 1" of a certificate says.
sub key_hash {
	my ($certificate) = @_;
	my ($hash) = `openssl x509 -in '$certificate' -noout -pubkey | openssl pkey -pubin -outform DER | sha256sum` =~ /^(\w+)/;
	return $hash;
}

sub new {
	my ($class, %o) = @_;
	my $self = bless { owner => $$, address => '127.0.0.1', ttl => 300, negative => 60, zones => {}, order => [], %o }, $class;
	die "Zones->new: folder is missing\n" if !$self->{folder};
	$self->{dir} = "$self->{folder}/dns";
	mkdir $_ for $self->{dir}, "$self->{dir}/keys", "$self->{dir}/run";
	if (!$self->{port}) {
		my $udp = IO::Socket::INET->new(LocalAddr => $self->{address}, Proto => 'udp') or die "no port: $!\n";
		$self->{port} = $udp->sockport;
	}
	$self->{forward} = "$self->{address}\@$self->{port}";
	$self->{anchor} = "$self->{dir}/root.ds";
	$self->{hints} = "$self->{dir}/root.hints";
	my %kind = (a => 'secure', b => 'secure', c => 'insecure', d => 'bogus', e => 'expired');
	my $net = 0;
	$self->zone("$_.example", kind => $kind{$_}, sip => ++$net) for $self->{empty} ? () : sort keys %kind;
	$self->zone('e164.arpa', kind => 'secure',
		records => ['4.3.2.1.5.5.5.1.2.1 NAPTR 100 10 "u" "E2U+sip" "!^.*$!sip:bob@b.example!" .']);
	return $self;
}

# The usual records of a SIP domain with addresses in 127.0.N.0/24.
sub sip_records {
	my ($zone, $net) = @_;
	return (
		qq(\@ NAPTR 10 50 "s" "SIPS+D2T" "" _sips._tcp.$zone.),
		qq(\@ NAPTR 20 50 "s" "SIP+D2T" "" _sip._tcp.$zone.),
		qq(\@ NAPTR 30 50 "s" "SIP+D2U" "" _sip._udp.$zone.),
		'_sips._tcp SRV 10 60 5061 sip1',
		'_sips._tcp SRV 10 40 5061 sip2',
		'_sips._tcp SRV 20 0 5061 sip3',
		'_sip._tcp SRV 10 0 5060 sip1',
		'_sip._udp SRV 10 0 5060 sip1',
		"sip1 A 127.0.$net.1",
		'sip1 AAAA ::1',
		"sip2 A 127.0.$net.2",
		"sip3 A 127.0.$net.3",
		"\@ A 127.0.$net.1");
}

sub zone {
	my ($self, $name, %o) = @_;
	push @{ $self->{order} }, $name if !$self->{zones}{$name};
	$self->{zones}{$name} = { kind => $o{kind} // 'secure', dirty => 1,
		records => [ $o{sip} ? sip_records($name, $o{sip}) : (), @{ $o{records} // [] } ] };
	$self->{parents} = 1;
	return $self;
}

sub add {
	my ($self, $name, @records) = @_;
	my $zone = $self->{zones}{$name} // die "no zone $name\n";
	push @{ $zone->{records} }, @records;
	$zone->{dirty} = 1;
	return $self;
}

# Takes out the lines that a pattern fits.
sub remove {
	my ($self, $name, $pattern) = @_;
	my $zone = $self->{zones}{$name} // die "no zone $name\n";
	@{ $zone->{records} } = grep { !/$pattern/ } @{ $zone->{records} };
	$zone->{dirty} = 1;
	return $self;
}

sub set {
	my ($self, $name, @records) = @_;
	for (@records) {
		my ($owner, $type) = split;
		$self->remove($name, qr/^\Q$owner\E\s+$type\b/);
	}
	return $self->add($name, @records);
}

# covenctl dns lookup: all pages of it.
sub lookup {
	my ($server, @words) = @_;
	my $socket = IO::Socket::UNIX->new(Peer => $server->{control}) or die "$server->{control}: $!\n";
	print $socket JSON::PP->new->encode({ words => [ 'dns', 'lookup', @words ] }), "\n";
	$socket->flush;
	my ($line, @rows) = ('');
	while (1) {
		while ($line !~ /\n/) {
			IO::Select->new($socket)->can_read(20) or die "no answer to lookup @words\n";
			sysread $socket, $line, 65536, length $line or die "lookup @words: the connection has ended\n";
		}
		$line =~ s/^(.*)\n//;
		my $page = JSON::PP->new->utf8->decode($1);
		push @rows, @{ $page->{rows} // [] };
		return { hops => \@rows, records => \@rows, error => $page->{error} } if !$page->{more};
	}
}

sub command {
	my ($self, $line) = @_;
	my $out = `cd '$self->{dir}' && $line 2>&1`;
	die "$line: $out\n" if $?;
	return $out;
}

sub write_file {
	my ($self, $name, $text) = @_;
	open my $out, '>', "$self->{dir}/$name" or die "$name: $!\n";
	print $out $text;
	close $out or die "$name: $!\n";
}

sub slurp {
	my ($self, $name) = @_;
	open my $in, '<', "$self->{dir}/$name" or die "$name: $!\n";
	local $/;
	return scalar <$in>;
}

# The zone file, signed; returns the DS record for its parent.
sub sign {
	my ($self, $name, $kind, @records) = @_;
	my $file = $name eq '' ? 'root' : $name;
	$self->{serial}++;
	$self->write_file("$file.zone", join "\n", "\$ORIGIN $name.", "\$TTL $self->{ttl}",
		"\@ IN SOA ns.example. root.example. $self->{serial} 3600 600 86400 $self->{negative}", '@ IN NS ns.example.', @records, '');
	if ($kind eq 'unsigned') {
		$self->write_file("$file.signed", $self->slurp("$file.zone"));
		return '';
	}
	($self->{keys}{$name}) = $self->command("cd keys && ldns-keygen -r /dev/urandom -a ECDSAP256SHA256 -k $name.") =~ /^(\S+)/m
		if !$self->{keys}{$name};
	my $key = $self->{keys}{$name};
	my @when = $kind eq 'expired' ? ('-i', '20200101000000', '-e', '20200201000000') : ('-i', '20200101000000', '-e', '20370101000000');
	$self->command("ldns-signzone @when -o $name. -f $file.signed $file.zone keys/$key");
	return $self->slurp("keys/$key.ds");
}

sub sign_all {
	my ($self) = @_;
	my %below = (example => [], arpa => []);
	for my $name (@{ $self->{order} }) {
		my $zone = $self->{zones}{$name};
		$zone->{ds} = $self->sign($name, $zone->{kind}, @{ $zone->{records} }) if delete $zone->{dirty};
		my $ds = $zone->{ds};
		$ds =~ s/[0-9a-f]{10}\s*$/0123456789\n/ if $zone->{kind} eq 'bogus';
		push @{ $below{ $name =~ /arpa$/ ? 'arpa' : 'example' } }, "$name. NS ns.example.",
			$zone->{kind} =~ /^(?:secure|bogus|expired)$/ ? $ds : ();
	}
	return if !delete $self->{parents};
	my $address = $self->{address};
	my $example = $self->sign('example', 'secure', "ns A $address", @{ $below{example} });
	my $root = $self->sign('', 'secure', 'example. NS ns.example.', "ns.example. A $address", $example, @{ $below{arpa} });
	$self->write_file('root.ds', $root);
	$self->write_file('root.hints', ". 3600 NS ns.example.\nns.example. 3600 A $address\n");
}

sub write_configuration {
	my ($self) = @_;
	my $dir = $self->{dir};
	my $text = <<"END";
server:
	ip-address: $self->{address}\@$self->{port}
	username: ""
	chroot: ""
	zonesdir: "$dir"
	database: ""
	pidfile: "$dir/run/nsd.pid"
	xfrdfile: "$dir/run/xfrd.state"
	zonelistfile: "$dir/run/zone.list"
	xfrdir: "$dir/run"
	logfile: "$dir/run/nsd.log"
	server-count: 1
	rrl-ratelimit: 0
	rrl-whitelist-ratelimit: 0
remote-control:
	control-enable: no
END
	$text .= sprintf "zone:\n\tname: \"%s\"\n\tzonefile: \"%s.signed\"\n", $_ eq '' ? '.' : $_, $_ eq '' ? 'root' : $_
		for '', 'example', @{ $self->{order} };
	$self->write_file('nsd.conf', $text);
}

# Signs what has changed and starts NSD; dies if it does not answer within 10 s.
sub start {
	my ($self) = @_;
	$self->sign_all;
	$self->write_configuration;
	unlink "$self->{dir}/run/nsd.log";
	my $pid = fork // die "fork: $!\n";
	if (!$pid) {
		local $ENV{PATH} = "$ENV{PATH}:/usr/sbin";
		open STDIN, '<', '/dev/null';
		open STDOUT, '>>', "$self->{dir}/run/out";
		open STDERR, '>&', \*STDOUT;
		setpgrp 0, 0;
		no warnings 'exec';
		exec @{ $self->{under} // [] }, 'nsd', '-d', '-c', "$self->{dir}/nsd.conf";
		POSIX::_exit(127);
	}
	$self->{pid} = $pid;
	$running{-$pid} = $running{$pid} = 1;
	my $limit = time + 10;
	until ($self->{under} ? eval { $self->slurp('run/nsd.log') =~ /nsd started/ } : $self->answers) {
		die "NSD does not answer: " . (eval { $self->slurp('run/nsd.log') } // '') . "\n" if time > $limit;
		sleep 0.02;
	}
	return $self;
}

# Does a name server answer there?
sub answers {
	my ($self, $seconds) = @_;
	my $socket = IO::Socket::INET->new(PeerAddr => $self->{address}, PeerPort => $self->{port}, Proto => 'udp') or return;
	$socket->send(pack 'n6 x n2', 4711, 0, 1, 0, 0, 0, 6, 1) or return;
	my $bits = '';
	vec($bits, fileno $socket, 1) = 1;
	return if !select $bits, undef, undef, $seconds // 0.1;
	my $answer = '';
	return defined $socket->recv($answer, 4096) && length $answer > 12;
}

# Signs what has changed and serves that instead.
sub reload {
	my ($self) = @_;
	$self->stop;
	return $self->start;
}

sub signal {
	my ($self, $signal) = @_;
	kill $signal, -$self->{pid} if $self->{pid};
	return $self;
}
sub pause { $_[0]->signal('STOP') }
sub go_on { $_[0]->signal('CONT') }

sub stop {
	my ($self) = @_;
	my $pid = delete $self->{pid} or return;
	kill $_, -$pid for 'CONT', 'TERM';
	my $limit = time + 3;
	until (waitpid $pid, POSIX::WNOHANG()) {
		kill 'KILL', -$pid if time > $limit;
		sleep 0.005;
	}
	kill 'KILL', -$pid;    # its children, if they are left
	delete @running{ $pid, -$pid };
	return;
}

sub DESTROY {
	my ($self) = @_;
	local ($?, $!);
	$self->stop if $self->{pid} && ($self->{owner} // 0) == $$;
}

1;
