/** What the tests of every module share: a buffer that is dropped without being released fails the build. */
@NullMarked
package dev.tether.testing;

import org.jspecify.annotations.NullMarked;
