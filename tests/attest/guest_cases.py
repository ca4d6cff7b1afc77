# SPDX-License-Identifier: BSD-2-Clause
# Copyright (c) 2026 CoveSBI contributors
"""The registers of a guest and the payloads of cove tap, computed a second time: from
docs/measurement.md and docs/attestation.md (local attestation)."""

import hashlib
import re
import struct
import subprocess

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

PAGE = 4096
RAM = 0x80000000
MEMORY = 64 << 20
HEADER, BOX, DIGEST = 16, 176, 56
FACTS = ("--isa", "rv64imafdc_zicsr_zifencei_sstc", "--timebase", "10000000", "--mmu", "sv48")


def sha384(data):
    return hashlib.sha384(data).digest()


def le64(*values):
    return struct.pack(f"<{len(values)}Q", *values)


def call(run, *args):
    return subprocess.run([run.cove, *map(str, args)], timeout=60, capture_output=True, text=True,
                          check=False)


def same(run, name, found, expected):
    run.result(name, None if found == expected else f"{found!r}, not {expected!r}")


def kernel_image():
    """What a boot loader sees of a Linux image, and pages of which one is zero."""
    body = bytes((5 * i) % 241 for i in range(5 * PAGE + 100))
    head = struct.pack("<IIQQQIIQQII", 0, 0, 0x200000, len(body) + PAGE, 0, 2, 0, 0,
                       int.from_bytes(b"RISCV", "little"), 0x05435352, 0)
    return head + body[64:2 * PAGE] + bytes(PAGE) + body[3 * PAGE:]


def registers(files, layout, cpus, promoted):
    """@layout: (name, gpa, length) in the order of the pages; entry, argument"""
    parts, entry, arg = layout
    pages = config = bytes(48)
    for name, gpa, length in sorted(parts, key=lambda part: part[1]) if promoted else parts:
        data = files[name].ljust(length, b"\0")
        for at in range(0, length, PAGE):
            page = data[at:at + PAGE]
            if not (promoted and page == bytes(PAGE)):
                pages = sha384(pages + le64(gpa + at) + page)
    config = sha384(config + le64(entry))
    config = sha384(config + le64(arg))
    config = sha384(config + sha384(b"cove-config-v1" + le64(1, cpus, 1, RAM, MEMORY)))
    if promoted:
        gpr = [0] * 31
        gpr[11 - 1] = arg
        config = sha384(config + sha384(b"cove-boot-v1" + le64(*gpr, 2 << 32, *[0] * 8)))
    return pages, config


def layout_of(text):
    """What cove measure --verbose says of where things are"""
    parts = [(name, int(gpa, 16), int(length, 16)) for name, gpa, length in
             re.findall(r"^(\S.*?) +gpa (0x[0-9a-f]+) len (0x[0-9a-f]+)$", text, re.M)]
    entry, arg = re.search(r"^entry (0x[0-9a-f]+) arg (0x[0-9a-f]+)$", text, re.M).groups()
    return parts, int(entry, 16), int(arg, 16)


def measured(run):
    """cove measure of a guest (docs/measurement.md)"""
    kernel, initrd, tree = (run.dir / name for name in ("guest.kernel", "guest.initrd", "guest.dtb"))
    kernel.write_bytes(kernel_image())
    initrd.write_bytes(bytes(range(256)) * 37)
    for cpus, promoted in ((1, False), (3, False), (2, True)):
        name = f"guest-{cpus}-cpus" + ("-promoted" if promoted else "")
        args = ("--kernel", kernel, "--initrd", initrd, "--append", "a b", "--memory", "64M",
                "--cpus", cpus, *FACTS, "--dump-fdt", tree, *(["--promote"] if promoted else []))
        result = call(run, "measure", "--registers", "--verbose", *args)
        if result.returncode:
            run.result(name, result.stderr)
            continue
        parts, entry, arg = layout_of(result.stderr)
        contents = (kernel.read_bytes(), initrd.read_bytes(), tree.read_bytes())
        files = {}
        for part, _, length in parts:
            fits = [data for data in contents if len(data) <= length < len(data) + PAGE]
            files[part] = fits[0] if len(fits) == 1 else b""
        pages, config = registers(files, (parts, entry, arg), cpus, promoted)
        same(run, name, result.stdout, f"4 = {pages.hex()}\n5 = {config.hex()}\n")
        same(run, f"{name}-in-one", call(run, "measure", *args).stdout,
             sha384(pages + config).hex() + "\n")


def point_of(key):
    return key.public_key().public_bytes(serialization.Encoding.X962,
                                         serialization.PublicFormat.UncompressedPoint)


def cose_of(key):
    point = point_of(key)
    return b"\xa4\x01\x02\x20\x02\x21\x58\x30" + point[1:49] + b"\x22\x58\x30" + point[49:]


def hkdf(salt, ikm, info, length):
    return HKDF(hashes.SHA384(), length, salt, info).derive(ikm)


def unseal(key, tap):
    """The payload in plain, as the monitor of the platform with @key gets it"""
    magic, version, length, boxes, sealed, zero = struct.unpack_from("<IHHHHI", tap)
    body = HEADER + BOX * boxes
    assert (magic, version, length, zero) == (0x50415443, 1, len(tap), 0)
    assert len(tap) == body + 12 + sealed + 16
    name = bytearray(hkdf(None, point_of(key), b"CDI_ID", 20))
    name[0] = name[0] & 0x7f | 0x40
    for box in (tap[at:at + BOX] for at in range(HEADER, body, BOX)):
        if box[:20] != name:
            continue
        assert box[20:24] == b"\1\0\0\0" and box[121:128] == bytes(7)
        theirs = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP384R1(), box[24:121])
        wrap = hkdf(box[:128], key.exchange(ec.ECDH(), theirs), b"cove-tap-v1", 44)
        inner = AESGCM(wrap[:32]).decrypt(wrap[32:], box[128:], box[:128])
        return AESGCM(inner).decrypt(tap[body:body + 12], tap[body + 12:], tap[:body])
    return None


def platform_files(run, tap, wrong, keys, out):
    """--platform as a file: a report of cove verify, a public key, or its digits"""
    cose = cose_of(keys[0]).hex()
    report = '{\n  "verdict": "%s",\n  "claims": {\n    "tap-key": {"type": "%s", "cose": "%s"}\n'
    public = keys[0].public_key().public_bytes(serialization.Encoding.PEM,
                                               serialization.PublicFormat.SubjectPublicKeyInfo)
    p256 = ec.derive_private_key(5, ec.SECP256R1()).public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)

    def file(name, text):
        path = run.dir / f"tap-platform.{name}"
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return str(path)

    for name, text in (("hex", cose + "\n"), ("report", report % ("accepted", "P-384", cose)),
                       ("pem", public)):
        same(run, f"tap-platform-{name}-status", tap(platforms=[file(name, text)]).returncode, 0)
        same(run, f"tap-platform-{name}", unseal(keys[0], out.read_bytes())[-9:], b"a secret\n")
    for name, words, text in (
            ("rejected", "that cove verify accepted", report % ("rejected", "P-384", cose)),
            ("malformed", "that cove verify accepted", report % ("malformed", "P-384", cose)),
            ("no-tap-key", "no TAP key", '{"verdict": "accepted"}'),
            ("p256-in-report", "no TAP key", report % ("accepted", "P-256", cose)),
            ("short-in-report", "no TAP key", report % ("accepted", "P-384", cose[:-2])),
            ("not-p384", "no public key on P-384", p256),
            ("cut-off", "no public key", public[:-60]),
            ("certificate", "none is of a TAP key", (run.dir / "root.pem").read_bytes()),
            ("two-keys", "neither a report", f"{cose}\n{cose}\n"),
            ("other", "neither a report", "a key\n"),
            ("empty", "neither a report", ""),
            ("long", "more than 65536 bytes", bytes(65537))):
        wrong(f"platform-{name}", words, tap(platforms=[file(name, text)]))
    wrong("platform-missing", "No such file", tap(platforms=["/nowhere"]))


def sealed(run):
    """cove tap (docs/attestation.md)"""
    secret, regs, out = (run.dir / name for name in ("tap.secret", "tap.registers", "tap.out"))
    keys = [ec.derive_private_key(i + 5, ec.SECP384R1()) for i in range(3)]
    values = {i: bytes([i]) * 48 for i in (0, 4, 5)}

    def tap(*args, platforms=keys[:2], data=b"a secret\n", text=None):
        out.unlink(missing_ok=True)
        secret.write_bytes(data)
        regs.write_text(text if text is not None else
                        "".join(f"{i} = {v.hex()}\n" for i, v in values.items()), encoding="ascii")
        hexes = [p if isinstance(p, str) else cose_of(p).hex() for p in platforms]
        return call(run, "tap", "--secret", secret, "--registers", regs, "--out", out,
                    *(arg for h in hexes for arg in ("--platform", h)), *args)

    for name, args, flags in (("plain", (), 0), ("once", ("--once",), 2),
                              ("once-debug", ("--once", "--debug"), 3)):
        result = tap(*args)
        same(run, f"tap-{name}-status", result.returncode, 0)
        plain = unseal(keys[0], out.read_bytes())
        same(run, f"tap-{name}-head", struct.unpack_from("<IHHQ", plain, 16), (flags, 3, 9, 0))
        same(run, f"tap-{name}-digests", plain[32:32 + 3 * DIGEST],
             b"".join(struct.pack("<HHI", i, 0, 0) + v for i, v in values.items()))
        same(run, f"tap-{name}-secret", plain[32 + 3 * DIGEST:], b"a secret\n")
        same(run, f"tap-{name}-second-platform", unseal(keys[1], out.read_bytes()), plain)
        same(run, f"tap-{name}-no-other", unseal(keys[2], out.read_bytes()), None)
    first = out.read_bytes()
    tap("--once", "--debug")
    run.result("tap-never-the-same", None if first[40:60] != out.read_bytes()[40:60] else "it is")
    changed = bytearray(first)
    changed[-1] ^= 1
    try:
        unseal(keys[0], bytes(changed))
        run.result("tap-authentic", "a changed one opens")
    except InvalidTag:
        run.result("tap-authentic", None)

    def wrong(name, words, result, status=1):
        right = result.returncode == status and words in result.stderr
        run.result(f"tap-{name}", None if right else f"{result.returncode}: {result.stderr}")

    wrong("empty-secret", "empty", tap(data=b""))
    wrong("long-secret", "more than 2048", tap(data=bytes(2049)))
    wrong("too-much", "4096 bytes", tap(platforms=keys * 5, data=bytes(2048)))
    wrong("no-point", "no point", tap(platforms=[cose_of(keys[0]).hex()[:-2] + "00"]))
    wrong("no-key", "not a COSE_Key", tap(platforms=["00" * 107]))
    wrong("no-register-5", "registers 4 and 5", tap(text=f"4 = {'00' * 48}\n"))
    wrong("register-twice", "second time", tap(text=f"4 = {'00' * 48}\n" * 2))
    wrong("register-6", "not `N = VALUE`", tap(text=f"6 = {'00' * 48}\n"))
    wrong("register-short", "not `N = VALUE`", tap(text=f"4 = {'00' * 47}\n"))
    platform_files(run, tap, wrong, keys, out)
    wrong("no-platform", "--platform is missing", tap(platforms=[]), 64)
    tap()
    wrong("no-overwriting", "exists", call(run, "tap", "--secret", secret, "--registers", regs,
                                           "--platform", cose_of(keys[0]).hex(), "--out", out))
