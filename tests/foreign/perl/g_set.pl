#!/usr/bin/env perl
# A set that only grows: every node sends all that it has to all others, twenty times a second.
# WRONG=forgetful: every fifth element is acknowledged and not kept.
use strict;
use warnings;
use FindBin;
use lib $FindBin::Bin;
use node;

my (%set, $added);

node::serve({
    add => sub {
        my ($body) = @_;
        my $forget = ($ENV{WRONG} // '') eq 'forgetful' && ++$added % 5 == 0;
        $set{$node::json->encode($body->{element})} = $body->{element} unless $forget;
        return (type => 'add_ok');
    },
    read => sub { return (type => 'read_ok', value => [values %set]) },
    all  => sub {
        my ($body) = @_;
        $set{$node::json->encode($_)} = $_ for @{$body->{elements}};
        return;
    },
}, sub {
    for my $dest (grep { $_ ne $node::id } @node::ids) {
        node::say_to($dest, type => 'all', elements => [values %set]);
    }
}, 0.05);
