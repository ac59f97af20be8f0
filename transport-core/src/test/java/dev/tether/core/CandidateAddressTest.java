package dev.tether.core;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** docs/PROTOCOL.md, section 12.1. */
class CandidateAddressTest {

    @ParameterizedTest
    @CsvSource({
        "203.0.113.9,        4433, true",
        "203.0.113.9,        1,    true",
        "203.0.113.9,        0,    false",
        "192.168.1.5,        4433, true",
        "100.64.0.1,         4433, true",
        "0.0.0.0,            4433, false",
        "0.1.2.3,            4433, false",
        "127.0.0.1,          4433, false",
        "169.254.169.254,    4433, false",
        "224.0.0.1,          4433, false",
        "239.255.255.255,    4433, false",
        "240.0.0.1,          4433, false",
        "255.255.255.255,    4433, false",
        "2001:db8::1,        4433, true",
        "fd00::1,            4433, true",
        "::,                 4433, false",
        "::1,                4433, false",
        "fe80::1,            4433, false",
        "ff02::1,            4433, false",
        "::ffff:224.0.0.1,   4433, false"
    })
    void itIsThatOfOneHost(String host, int port, boolean usable) {
        InetSocketAddress candidate = new InetSocketAddress(host, port);
        assertThat(CandidateAddress.isUsable(candidate, false)).isEqualTo(usable);
        assertThat(CandidateAddress.isUsable(candidate, true))
                .as("among those on one host")
                .isEqualTo(usable || candidate.getAddress().isLoopbackAddress());
    }

    @ParameterizedTest
    @CsvSource({
        "9.255.255.255, false",
        "10.0.0.0,      true",
        "100.63.255.255, false",
        "100.64.0.0,    true",
        "100.127.255.255, true",
        "100.128.0.0,   false",
        "172.15.0.1,    false",
        "172.16.0.1,    true",
        "192.168.0.1,   true",
        "127.0.0.1,     true",
        "2001:db8::1,   false",
        "fbff::1,       false",
        "fc00::1,       true",
        "fdff::1,       true",
        "fe80::1,       true"
    })
    void somePrivateNetworksMayBeAnywhere(String host, boolean isPrivate) throws UnknownHostException {
        assertThat(CandidateAddress.isPrivate(InetAddress.getByName(host))).isEqualTo(isPrivate);
    }

    @ParameterizedTest
    @CsvSource({
        "192.168.1.5, 192.168.1.200, true",
        "192.168.1.5, 192.168.2.5,   false",
        "203.0.113.5, 203.0.113.6,   false",
        "127.0.0.1,   127.0.0.1,     true",
        "fd00::1:0:0:0:5, fd00::1:0:0:0:6, true",
        "fd00:0:0:1::5, fd00:0:0:2::5, false",
        "192.168.1.5, fd00::5,       false"
    })
    void neighboursShareAPrivatePrefix(String a, String b, boolean near) throws UnknownHostException {
        assertThat(CandidateAddress.areNear(InetAddress.getByName(a), InetAddress.getByName(b)))
                .isEqualTo(near);
        assertThat(CandidateAddress.areNear(InetAddress.getByName(b), InetAddress.getByName(a)))
                .isEqualTo(near);
    }
}
