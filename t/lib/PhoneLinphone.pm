# SPDX-License-Identifier: GPL-3.0-or-later
# A linphonec that a test holds by its input and reads by its output. Same methods as PhoneBaresip.
package PhoneLinphone;
use strict;
use warnings;
use File::Path 'make_path';
use PhoneProc;
use PhoneTone;

use constant { RTP_PORTS => 8 };

# new(user => NAME, password => P, domain => D, proxy => 'HOST:PORT'), and if wanted: transport
# (udp), rings (seconds until it gives up ringing), calls (how many it takes at once), zrtp (true:
# encrypt), address (its own, 127.0.0.1), under (words before the command: in a network namespace).
sub new {
	my ($class, %arg) = @_;
	my $dir = private_dir() . "/$arg{user}";
	make_path("$dir/.local/share/linphone", "$dir/.config/linphone", { mode => 0700 });
	my $self = bless { transport => 'udp', rings => 60, calls => 4, address => '127.0.0.1', under => [], %arg,
		dir => $dir, sip => next_port(), rtp => next_port(RTP_PORTS),
		out_from => 0, log_from => 0, asked => 0 }, $class;
	PhoneTone::write_tone("$dir/tone.wav", 40, 880);
	spew("$dir/rc", $self->config);
	return $self;
}

sub config {
	my ($self) = @_;
	my $encryption = $self->{zrtp} ? 'zrtp' : 'none';
	my ($udp, $tcp) = $self->{transport} eq 'udp' ? ($self->{sip}, 0) : (0, $self->{sip});
	return <<"END";
[sip]
sip_port=$udp
sip_tcp_port=$tcp
sip_tls_port=0
bind_address=$self->{address}
media_encryption=$encryption
use_ipv6=0
register_only_when_network_is_up=0
guess_hostname=0
contact="$self->{user}" <sip:$self->{user}\@$self->{address}>
default_proxy=0
inc_timeout=$self->{rings}
[misc]
max_calls=$self->{calls}
[rtp]
audio_rtp_port=$self->{rtp}
[sound]
echocancellation=0
[video]
enabled=0
[proxy_0]
reg_proxy=<sip:$self->{proxy};transport=$self->{transport}>
reg_route=<sip:$self->{proxy};transport=$self->{transport};lr>
reg_identity="$self->{user}" <sip:$self->{user}\@$self->{domain}>
reg_expires=600
reg_sendregister=1
[auth_info_0]
username=$self->{user}
userid=$self->{user}
passwd=$self->{password}
realm=$self->{domain}
domain=$self->{domain}
END
}

sub start {
	my ($self) = @_;
	my $dir = $self->{dir};
	$self->{proc} = spawn(name => "linphonec $self->{user}", log => "$dir/out",
		argv => [@{ $self->{under} }, qw(linphonec -d 6 -l), "$dir/log", '-c', "$dir/rc"],
		env => { HOME => $dir, XDG_DATA_HOME => "$dir/.local/share",
			XDG_CONFIG_HOME => "$dir/.config", XDG_RUNTIME_DIR => $dir });
	$self->tell('soundcard use files');
	$self->tell("play $dir/tone.wav");
	return $self;
}

sub tell { $_[0]{proc}->tell_line($_[1]) }

sub log_text { slurp("$_[0]{dir}/out") }

# What it has printed, and what it has logged, since the call began.
sub output { substr slurp("$_[0]{dir}/out"), $_[0]{out_from} }

sub trace { substr slurp("$_[0]{dir}/log"), $_[0]{log_from} }

sub wait_output {
	my ($self, $seconds, $what) = @_;
	return wait_until($seconds, sub { $self->output =~ $what ? $1 // $& : undef });
}

# It registers on its own some seconds after the start, and tells only those who ask.
sub wait_registered {
	my ($self, $seconds) = @_;
	return wait_until($seconds, sub {
		$self->tell('status register') if !($self->{asked}++ % 5);
		$self->log_text =~ /^registered, identity=/m;
	});
}

# Nothing to do: linphonec chooses between two challenges by itself.
sub register_again { }

# Forgets the last call; both ends do so before a new one.
sub forget {
	my ($self) = @_;
	$self->{out_from} = length slurp("$self->{dir}/out");
	$self->{log_from} = length slurp("$self->{dir}/log");
}

sub dial { $_[0]->tell("call sip:$_[1]") }

sub accept { $_[0]->tell('answer') }

sub hangup { $_[0]->tell('terminate') }

sub wait_incoming { $_[0]->wait_output($_[1], qr/Receiving new incoming call from (.*), assigned/) }

sub wait_ringback { $_[0]->wait_output($_[1], qr/Call \d+ to .* ringing/) }

sub wait_talking { $_[0]->wait_output($_[1], qr/Media streams established with (.*) for call/) }

# Waits for the end of the call; gives its reason, for a refused call "CODE Phrase".
sub wait_closed {
	my ($self, $seconds) = @_;
	my $how = $self->wait_output($seconds, qr/Call \d+ with .* (error|ended \(.*?\))/) or return;
	my @refused = $self->trace =~ m{^SIP/2\.0 ([3-6]\d\d [^\r\n]*)}mg;
	return $how eq 'error' && @refused ? $refused[-1] : $how;
}

# Whether the call is over, without waiting.
sub ended { $_[0]->output =~ /Call \d+ with .* (?:error|ended)/ }

# RTP packets of the call that has just ended, as linphonec counted them: sent, received.
sub rtp_count {
	my ($self) = @_;
	my @count = (0, 0);
	wait_until(2, sub {
		my ($sent) = $self->trace =~ /ortp-message-sent +(\d+) packets/;
		my ($received) = $self->trace =~ /ortp-message-received +(\d+) packets/;
		@count = ($sent, $received) if defined $sent && defined $received;
		return defined $sent && defined $received;
	});
	return @count;
}

sub rtp_ports { ($_[0]{rtp}, $_[0]{rtp} + RTP_PORTS - 1) }

# The short authentication string of a ZRTP call, once both ends have agreed.
sub auth_token {
	my ($self, $seconds) = @_;
	return wait_until($seconds, sub {
		$self->tell('calls') if !($self->{asked}++ % 10);
		$self->output =~ /auth token is (\S+?)\.?$/m ? $1 : undef;
	});
}

sub quit {
	my ($self) = @_;
	$self->tell('quit');
	wait_until(5, sub { !$self->{proc}->alive });
	return $self->{proc}->stop;
}

1;
