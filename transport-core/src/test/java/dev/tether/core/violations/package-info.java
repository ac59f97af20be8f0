/** A root package whose classes break the engine's architecture, each in one way, or only come near it. */
@NullMarked
package dev.tether.core.violations;

import org.jspecify.annotations.NullMarked;
