/**
 * The handshake: {@code Noise_IK_25519_AESGCM_SHA256} of the Noise Protocol Framework, revision 34, on the JDK's own
 * cryptography. The classes carry the names of the specification's section 5 and their methods its steps.
 */
@NullMarked
package dev.tether.core.noise;

import org.jspecify.annotations.NullMarked;
