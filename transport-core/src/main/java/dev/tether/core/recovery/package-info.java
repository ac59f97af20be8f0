/**
 * Loss recovery of RFC 9002 for one packet number space: the ledger of sent packets, round-trip estimation, loss
 * detection and probe timeouts on the sending side, and acknowledgment tracking (RFC 9000, section 13.2) on the receiving
 * side. Congestion control is told what happened through {@link dev.tether.core.recovery.RecoverySummary} and decides
 * elsewhere.
 */
@NullMarked
package dev.tether.core.recovery;

import org.jspecify.annotations.NullMarked;
