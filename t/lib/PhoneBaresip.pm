# SPDX-License-Identifier: GPL-3.0-or-later
# A baresip that a test holds by its control socket. PhoneLinphone has the same methods.
package PhoneBaresip;
use strict;
use warnings;
use IO::Select;
use IO::Socket::INET;
use JSON::PP ();
use PhoneProc;
use PhoneTone;

use constant { CONNECT => 5, RTP_PORTS => 8 };

# new(user => NAME, password => P, domain => D, proxy => 'HOST:PORT'), and if wanted: transport
# (udp), rings (seconds until it gives up ringing), calls (how many it takes at once), authority (file: whom to believe who the
# server is), address (its own, 127.0.0.1), under (words before the command: in a network namespace), dtls (true: encrypt).
sub new {
	my ($class, %arg) = @_;
	my $dir = private_dir() . "/$arg{user}";
	mkdir $dir, 0700 or die "$dir: $!\n";
	my $self = bless { transport => 'udp', rings => 60, calls => 4, address => '127.0.0.1', under => [], %arg,
		dir => $dir, control => next_port(), sip => next_port(2), rtp => next_port(RTP_PORTS),
		events => [], bytes => '', from => 0 }, $class;
	PhoneTone::write_tone("$dir/tone.wav", 40, 440);
	spew("$dir/config", $self->config);
	spew("$dir/accounts", $self->account . "\n");
	spew("$dir/contacts", '');
	return $self;
}

# No module for a terminal: epoll refuses an input that is none. An audio player that is missing
# would keep the 200 from ever leaving, so both ends of the sound are files or nothing.
sub config {
	my ($self) = @_;
	my $last = $self->{rtp} + RTP_PORTS;
	my $trust = $self->{authority} ? "sip_cafile $self->{authority}\nsip_verify_server yes" : '';
	my $dtls = $self->{dtls} ? "module srtp.so\nmodule dtls_srtp.so" : '';
	my ($modules) = grep { -d } </usr/lib/baresip/modules /usr/lib/*/baresip/modules>;
	return <<"END";
poll_method epoll
sip_listen $self->{address}:$self->{sip}
net_interface $self->{address}
audio_source aufile,$self->{dir}/tone.wav
audio_player aubridge,nila
audio_alert aubridge,nil
audio_channels 1-1
rtp_ports $self->{rtp}-$last
rtp_stats yes
call_local_timeout $self->{rings}
call_max_calls $self->{calls}
module_path $modules
module g711.so
module aubridge.so
module aufile.so
$dtls
module_tmp uuid.so
module_tmp account.so
module_app menu.so
module_app ctrl_tcp.so
ctrl_tcp_listen $self->{address}:$self->{control}
statmode_default off
$trust
END
}

sub account {
	my ($self) = @_;
	return "<sip:$self->{user}\@$self->{domain}>;auth_user=$self->{user};auth_pass=$self->{password}"
		. ";outbound=\"sip:$self->{proxy};transport=$self->{transport}\";regint=600" . ($self->{dtls} ? ';mediaenc=dtls_srtp' : '');
}

sub start {
	my ($self) = @_;
	$self->{proc} = spawn(name => "baresip $self->{user}", log => "$self->{dir}/log",
		argv => [@{ $self->{under} }, qw(baresip -4 -f), $self->{dir}], env => { HOME => $self->{dir} });
	my $control = "$self->{address}:$self->{control}";
	$self->{socket} = wait_until(CONNECT, sub {
		$self->{proc}->alive && IO::Socket::INET->new(PeerAddr => $control);
	}) or die "baresip $self->{user} does not start:\n" . $self->log_text;
	return $self;
}

sub log_text { $_[0]{proc} ? $_[0]{proc}->log_text : '' }

sub command {
	my ($self, $command, $params) = @_;
	my $json = JSON::PP::encode_json({ command => $command, params => $params // '' });
	$self->{socket}->syswrite(length($json) . ":$json,");
}

# Reads what baresip has told so far: netstrings of JSON.
sub poll {
	my ($self) = @_;
	while (IO::Select->new($self->{socket})->can_read(0)) {
		sysread $self->{socket}, $self->{bytes}, 65536, length $self->{bytes} or last;
	}
	while ($self->{bytes} =~ /^((\d+):)/ && length $self->{bytes} > length($1) + $2) {
		push @{ $self->{events} }, JSON::PP::decode_json(substr $self->{bytes}, length $1, $2);
		substr $self->{bytes}, 0, length($1) + $2 + 1, '';
	}
}

# The newest event of that type since the call began.
sub event {
	my ($self, $type) = @_;
	$self->poll;
	my @all = @{ $self->{events} };
	my ($found) = grep { ($_->{type} // '') eq $type } reverse @all[$self->{from} .. $#all];
	return $found;
}

sub wait_event {
	my ($self, $seconds, $type) = @_;
	return wait_until($seconds, sub { $self->event($type) });
}

# The line that it prints when it is registered.
sub success { qr/^(?:\e\[;m)?\Q$_[0]{user}\E\@\S+: \{\d+\/\w+\/v4\} 200 /m }

# True as soon as it is registered, false as soon as it gives up.
sub wait_registered {
	my ($self, $seconds) = @_;
	my $line = $self->success;
	my $text;
	wait_until($seconds, sub {
		$text = substr $self->log_text, $self->{tried} // 0;
		$text =~ $line || $text =~ /Register: Function not implemented/;
	});
	return $text =~ $line;
}

# True when it is registered, however often it gave up before.
sub wait_patiently {
	my ($self, $seconds) = @_;
	return wait_until($seconds, sub { $self->log_text =~ $self->success });
}

# baresip 1.0.0 gives up at two challenges and comes back after 30 to 60 s, then after 60 to 120.
# This is the user who does not want to wait: the same account, entered once more.
sub register_again {
	my ($self) = @_;
	$self->{tried} = length $self->log_text;
	$self->command('uadel', "sip:$self->{user}\@$self->{domain}");
	$self->command('uanew', $self->account);
}

# Forgets the last call; both ends do so before a new one.
sub forget {
	my ($self) = @_;
	$self->poll;
	$self->{from} = @{ $self->{events} };
	$self->{log_from} = length $self->log_text;
}

sub dial { $_[0]->command('dial', $_[1]) }

sub accept { $_[0]->command('accept') }

sub hangup { $_[0]->command('hangup') }

sub wait_incoming { $_[0]->wait_event($_[1], 'CALL_INCOMING') }

sub wait_ringback { $_[0]->wait_event($_[1], 'CALL_RINGING') }

sub wait_talking { $_[0]->wait_event($_[1], 'CALL_ESTABLISHED') }

# Waits for the end of the call; gives its reason, for a refused call "CODE Phrase".
sub wait_closed {
	my ($self, $seconds) = @_;
	my $event = $self->wait_event($seconds, 'CALL_CLOSED') or return;
	return $event->{param} || 'closed';
}

# Whether the call is over, without waiting.
sub ended { defined $_[0]->event('CALL_CLOSED') }

# RTP packets of the call that has just ended, as baresip counted them: sent, received.
sub rtp_count {
	my ($self) = @_;
	my $text = wait_until(2, sub {
		my $log = substr $self->log_text, $self->{log_from};
		$log =~ /^packets:.*/m ? $& : undef;
	}) // '';
	return $text =~ /^packets:\s+(\d+)\s+(\d+)/ ? ($1, $2) : (0, 0);
}

sub rtp_ports { ($_[0]{rtp}, $_[0]{rtp} + RTP_PORTS - 1) }

sub quit {
	my ($self) = @_;
	$self->command('quit');
	wait_until(5, sub { !$self->{proc}->alive });
	return $self->{proc}->stop;
}

1;
