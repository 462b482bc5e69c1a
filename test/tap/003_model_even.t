# The even seeds of the model test; see ModelTest.
use strict;
use warnings;

use ModelTest;

ModelTest::play(0);
