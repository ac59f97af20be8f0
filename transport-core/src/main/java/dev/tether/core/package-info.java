/** Types that every part of Tether shares: identities, addresses, settings and the source of randomness. */
@NullMarked
package dev.tether.core;

import org.jspecify.annotations.NullMarked;
