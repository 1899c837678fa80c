# SPDX-License-Identifier: GPL-3.0-or-later
package Registrant;
# A phone that registers, and asks where it is registered; without credentials: the server's registrar wants none.
use strict;
use warnings;
use parent 'Peer';

# Nobody proves who he is here, and then an answer is never longer than twice what was asked.
my $PAD = 'Subject: ' . 'x' x 3000;

my $cseq = 0;

# The configuration that it needs, with what the store is to be.
sub server_text {
	my ($store, @users) = @_;
	my $accounts = join ', ', map { qq({ name = "$_"; password = "secret"; }) } @users;
	return <<"END";
plugins = (
	{ name = "users"; accounts = ( $accounts ); },
	{ name = "auth-digest"; enabled = false; },
	{ name = "registrar"; authenticated = false; contacts = 100; },
	$store
);
END
}

# A REGISTER of these Contact values.
sub register_bytes {
	my ($self, @contacts) = @_;
	$cseq++;
	return $self->request('REGISTER', 'sip:example.com', id => "reg-$self->{user}", cseq => $cseq,
		more => [$PAD, map { "Contact: $_" } @contacts]);
}

# Code of the answer.
sub register {
	my ($self, @contacts) = @_;
	$self->{answer} = $self->ask($self->register_bytes(@contacts));
	return Peer::code($self->{answer});
}

# The URIs of an answer, sorted, as one text.
sub contacts {
	my ($answer) = @_;
	return join ' ', sort map { /<([^>]*)>/g } $answer =~ /^Contact: *(.*?)\r$/mg;
}

# Where it is registered now.
sub registered {
	my ($self) = @_;
	return $self->register == 200 ? contacts($self->{answer}) : "code " . Peer::code($self->{answer});
}

1;
