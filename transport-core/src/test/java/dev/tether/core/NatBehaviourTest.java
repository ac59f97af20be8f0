package dev.tether.core;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tether.core.NatBehaviour.Observation;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** docs/PROTOCOL.md, section 12.1; RFC 4787 §4.1. */
class NatBehaviourTest {

    private static final InetSocketAddress LOCAL = new InetSocketAddress("192.168.1.5", 4433);

    /** Each observation is observer>observed. */
    @ParameterizedTest
    @CsvSource({
        "UNKNOWN,              ''",
        "UNKNOWN,              198.51.100.1:1>203.0.113.9:50000",
        "NONE,                 198.51.100.1:1>192.168.1.5:4433",
        "NONE,                 198.51.100.1:1>192.168.1.5:4433 198.51.100.2:1>192.168.1.5:4433",
        "ENDPOINT_INDEPENDENT, 198.51.100.1:1>203.0.113.9:50000 198.51.100.2:1>203.0.113.9:50000",
        "ENDPOINT_DEPENDENT,   198.51.100.1:1>203.0.113.9:50000 198.51.100.2:1>203.0.113.9:50001",
        "ENDPOINT_DEPENDENT,   198.51.100.1:1>203.0.113.9:50000 198.51.100.2:1>203.0.113.8:50000",
        // two ports of one host show a difference, but no sameness
        "ENDPOINT_DEPENDENT,   198.51.100.1:1>203.0.113.9:50000 198.51.100.1:2>203.0.113.9:50001",
        "UNKNOWN,              198.51.100.1:1>203.0.113.9:50000 198.51.100.1:2>203.0.113.9:50000",
        // a mapping that was made anew
        "UNKNOWN,              198.51.100.1:1>203.0.113.9:50000 198.51.100.1:1>203.0.113.9:50001",
        "ENDPOINT_INDEPENDENT, 198.51.100.1:1>203.0.113.9:5 198.51.100.2:1>203.0.113.9:6 198.51.100.1:1>203.0.113.9:6",
        // a neighbour sees no translator
        "UNKNOWN,              192.168.1.9:1>192.168.1.5:4433 198.51.100.2:1>203.0.113.9:50000",
        // one between two translators sees the inner one only
        "UNKNOWN,              100.64.0.1:1>100.64.0.7:3000 198.51.100.2:1>203.0.113.9:50000",
        "UNKNOWN,              10.0.0.1:1>10.0.0.7:3000",
        "ENDPOINT_INDEPENDENT, 10.0.0.1:1>10.0.0.7:3000 198.51.100.1:1>203.0.113.9:5 198.51.100.2:1>203.0.113.9:5",
        // IPv6 is another network
        "UNKNOWN,              [2001:db8::1]:1>[2001:db8::5]:4433",
        "NONE,                 [2001:db8::1]:1>[2001:db8::5]:4433 198.51.100.1:1>192.168.1.5:4433"
    })
    void itFollowsFromWhatOthersSee(NatBehaviour expected, String observations) {
        assertThat(NatBehaviour.infer(LOCAL, observations(observations))).isEqualTo(expected);
    }

    @Test
    void theNumbersOnTheWireAreThoseOfTheSpecification() {
        assertThat(Stream.of(NatBehaviour.values()).map(NatBehaviour::code)).containsExactly(0, 1, 2, 3);
        for (NatBehaviour behaviour : NatBehaviour.values()) {
            assertThat(NatBehaviour.ofCode(behaviour.code())).isEqualTo(behaviour);
        }
        assertThat(NatBehaviour.ofCode(4)).isEqualTo(NatBehaviour.UNKNOWN);
        assertThat(NatBehaviour.ofCode((1L << 62) - 1)).isEqualTo(NatBehaviour.UNKNOWN);
    }

    private static List<Observation> observations(String text) {
        return Stream.of(text.split(" "))
                .filter(pair -> !pair.isEmpty())
                .map(pair -> pair.split(">"))
                .map(pair -> new Observation(address(pair[0]), address(pair[1])))
                .toList();
    }

    private static InetSocketAddress address(String text) {
        int colon = text.lastIndexOf(':');
        return new InetSocketAddress(text.substring(0, colon), Integer.parseInt(text.substring(colon + 1)));
    }
}
