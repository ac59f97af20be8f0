/** A root package whose classes break the module's architecture. */
@NullMarked
package dev.tether.reactor.violations;

import org.jspecify.annotations.NullMarked;
