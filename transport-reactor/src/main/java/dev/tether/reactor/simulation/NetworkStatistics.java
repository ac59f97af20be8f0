package dev.tether.reactor.simulation;

import dev.tether.core.simulation.DropCause;
import java.util.Map;

/**
 * What has become of the datagrams of a simulated network since it was created.
 *
 * @param sent how many have left a socket
 * @param sentBytes their bytes of UDP payload
 * @param arrived how many have reached a socket, duplicates included
 * @param altered how many of these were corrupted, truncated, reordered or a duplicate
 * @param dropped how many were dropped, by cause; a cause that has dropped none is missing
 */
public record NetworkStatistics(long sent, long sentBytes, long arrived, long altered, Map<DropCause, Long> dropped) {

    /** All that were dropped, whatever the cause. */
    public long droppedInAll() {
        return dropped.values().stream().mapToLong(Long::longValue).sum();
    }
}
