# SPDX-License-Identifier: GPL-3.0-or-later
# The covend that a phone test calls through, with a configuration of its own.
package PhoneServer;
use strict;
use warnings;
use File::Basename 'dirname';
use Cwd 'abs_path';
use PhoneProc;
use Sipt::Tls;

use constant { READY => 10 };

my $top = abs_path(dirname(__FILE__) . '/../..');

sub domain { 'example.test' }

# Starts covend for these users; the password of a user is "secret-NAME".  "NAME/md5" is one whose phone is asked for MD5
# alone, so that baresip 1.0.0 registers at once.
sub start { my ($class, @users) = @_; return $class->open(users => \@users) }

# The same with a TLS listener, whose certificate a private authority has signed.
sub start_secure { my ($class, @users) = @_; return $class->open(users => \@users, tls_port => next_port()) }

sub open {
	my ($class, %arg) = @_;
	my $dir = private_dir() . '/server';
	mkdir $_, 0700 or die "$_: $!\n" for $dir, "$dir/data";
	my $self = bless { dir => $dir, port => next_port(), %arg }, $class;
	my $covend = $ENV{COVEND} // "$top/build/covend";
	-x $covend or die "$covend: not there; build first\n";
	spew("$dir/coven.conf", $self->config);
	$self->{proc} = spawn(name => 'covend', log => "$dir/log", ready => 1,
		argv => [$covend, '-c', "$dir/coven.conf", '--ready-fd', 3]);
	my $line = $self->{proc}->ready_line(READY) // '';
	$line eq "ready\n" or die "covend does not start:\n" . $self->log_text;
	return $self;
}

sub config {
	my ($self) = @_;
	my $domain = $self->domain;
	my $workers = $ENV{WORKERS} // 1;
	my $plugins = $ENV{COVEN_PLUGINS} // "$top/build/.libs";
	my $accounts = join ",\n",
		map {
			my ($name, $digest) = split m{/};
			sprintf qq(\t\t{ name = "%s"; password = "secret-%s"; digest = "%s"; }), $name, $name, $digest // 'any';
		} @{ $self->{users} };
	my ($listen, $tls) = ('', '');
	if ($self->{tls_port}) {
		my $pair = Sipt::Tls::pair($self->{dir}, $domain, subjectAltNames => [ [ DNS => $domain ], [ IP => '127.0.0.1' ] ]);
		$listen = qq(, "tls:127.0.0.1:$self->{tls_port}");
		$tls = qq(tls = ( { domain = "$domain"; certificate = "$pair->{cert_file}"; key = "$pair->{key_file}"; } ););
	}
	return <<"END";
domains = ( "$domain" );
listen = ( "udp:127.0.0.1:$self->{port}", "tcp:127.0.0.1:$self->{port}"$listen );
$tls
data = "$self->{dir}/data";
control = "$self->{dir}/control";
workers = $workers;
plugin_path = ( "$plugins" );
plugins = ( {
	name = "users";
	accounts = (
$accounts
	);
} );
END
}

sub log_text { $_[0]{proc}->log_text }

sub port { $_[0]{port} }

# What a phone needs to know of the server.
sub for_phone {
	my ($self, $user) = @_;
	return (user => $user, password => "secret-$user", domain => $self->domain,
		proxy => "127.0.0.1:$self->{port}");
}

# The same for a phone that speaks TLS.
sub for_secure_phone {
	my ($self, $user) = @_;
	return ($self->for_phone($user), transport => 'tls', proxy => "127.0.0.1:$self->{tls_port}",
		authority => Sipt::Tls::authority($self->{dir})->{cert_file});
}

# Local ports of all UDP sockets that the server has open, sorted; nothing if we may not look.
sub udp_ports {
	my ($self) = @_;
	my $pid = $self->{proc}->pid;
	opendir my $fds, "/proc/$pid/fd" or return;
	my %mine = map { $_ => 1 }
		map { (readlink "/proc/$pid/fd/$_" // '') =~ /^socket:\[(\d+)\]/ } readdir $fds;
	my %port;
	for (map { split /\n/, slurp("/proc/$pid/net/$_") } qw(udp udp6)) {
		my ($address, $inode) = (split)[1, 9];
		$port{ hex +(split /:/, $address)[1] } = 1 if defined $inode && $mine{$inode};
	}
	return sort { $a <=> $b } keys %port;
}

# Ends it and says whether it ended well, on the first asking.
sub stop {
	my ($self) = @_;
	my $status = $self->{proc}->stop;
	return defined $status && $status == 0 && !$self->{proc}{killed};
}

1;
