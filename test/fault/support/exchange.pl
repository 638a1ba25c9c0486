# Exchanges names, pair after pair, as fast as it can, for at most five minutes: who owns a folder can. Perl, since Node
# has no such call and every Debian has perl.
#   exchange.pl SYSCALL A B [A B ...]      SYSCALL: the number of renameat2(2) on this machine
use strict;
my ($renameat2, @names) = @ARGV;
$renameat2 += 0;
my ($here, $exchange) = (-100, 2); # AT_FDCWD, RENAME_EXCHANGE
alarm 300;
$| = 1;
syscall($renameat2, $here, $names[0], $here, $names[1], $exchange) == 0 or die "cannot exchange: $!\n";
print "begun\n";
for (;;) {
    for (my $at = 0; $at < @names; $at += 2) {
        my ($one, $other) = @names[$at, $at + 1];
        syscall($renameat2, $here, $one, $here, $other, $exchange);
    }
}
