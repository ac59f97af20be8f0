package dev.tether.examples.simulate.scenario;

import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** The names of a scenario, and whether what is named is there. */
final class Names {

    /** In the place of a peer: every other one. */
    static final String ALL = "all";

    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9_-]{0,31}");
    private static final int SHOWN = 12;

    private final Set<String> nats = new LinkedHashSet<>();
    private final Set<String> peers = new LinkedHashSet<>();

    String addNat(String path, String name) {
        requireNew(path, name);
        nats.add(name);
        return name;
    }

    String addPeer(String path, String name) {
        requireNew(path, name);
        peers.add(name);
        return name;
    }

    String requireNat(String path, String name) {
        if (!nats.contains(name)) {
            throw new InvalidFieldException(path, "there is no NAT '" + name + "' " + known("before it", nats));
        }
        return name;
    }

    String requirePeer(String path, String name) {
        if (!peers.contains(name)) {
            throw new InvalidFieldException(path, "there is no peer '" + name + "' " + known("here", peers));
        }
        return name;
    }

    String requireOther(String path, String name, String than) {
        if (requirePeer(path, name).equals(than)) {
            throw new InvalidFieldException(path, "'" + name + "' is the peer itself, another one is needed");
        }
        return name;
    }

    List<String> allBut(Collection<String> some) {
        return peers.stream().filter(peer -> !some.contains(peer)).toList();
    }

    private void requireNew(String path, String name) {
        if (!NAME.matcher(name).matches() || name.equals(ALL)) {
            throw new InvalidFieldException(
                    path,
                    "'" + name
                            + "' is not a name: up to 32 letters, digits, - and _, the first a letter or a digit, and"
                            + " not 'all'");
        }
        if (nats.contains(name) || peers.contains(name)) {
            throw new InvalidFieldException(path, "the name '" + name + "' is given twice");
        }
    }

    private static String known(String where, Set<String> names) {
        String shown = names.stream().limit(SHOWN).collect(Collectors.joining(", "));
        String more = names.size() > SHOWN ? ", … (" + names.size() + " in all)" : "";
        return names.isEmpty() ? where : where + "; there are " + shown + more;
    }
}
