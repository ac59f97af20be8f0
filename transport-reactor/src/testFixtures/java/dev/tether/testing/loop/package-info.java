/** What the tests of every module with event loops share: a call that blocks one of them fails the build. */
@NullMarked
package dev.tether.testing.loop;

import org.jspecify.annotations.NullMarked;
