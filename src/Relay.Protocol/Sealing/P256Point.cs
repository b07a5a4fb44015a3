using System.Globalization;
using System.Numerics;
using Relay.Protocol.Keys;

namespace Relay.Protocol.Sealing;

/// <summary>
/// A point of P-256 for checking proofs over public values. Takes as long as its numbers need: never for a secret one.
/// </summary>
/// <remarks>
/// References: SEC 2 section 2.4.2 (parameters), Explicit-Formulas Database, shortw/jacobian-3, dbl-2001-b and add-2007-bl.
/// Parameters: coordinates and scalars 32 bytes, big endian.
/// </remarks>
internal readonly struct P256Point
{
    /// <summary>Bytes of x then y: 64.</summary>
    public const int Size = 64;

    public static readonly BigInteger Order = Hex("ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551");

    public static readonly P256Point Generator = new(
        Hex("6b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296"),
        Hex("4fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5"),
        BigInteger.One);

    private static readonly BigInteger Prime = Hex("ffffffff00000001000000000000000000000000ffffffffffffffffffffffff");
    private static readonly BigInteger B = Hex("5ac635d8aa3a93e7b3ebbd55769886bc651d06b0cc53b0f63bce3c3e27d2604b");

    // Jacobian: x = X / Z^2, y = Y / Z^3; Z = 0 is the point at infinity.
    private readonly BigInteger _x;
    private readonly BigInteger _y;
    private readonly BigInteger _z;

    private P256Point(BigInteger x, BigInteger y, BigInteger z) => (_x, _y, _z) = (x, y, z);

    public bool IsInfinity => _z.IsZero;

    /// <summary>Reads x then y; false when that is no point of the curve.</summary>
    public static bool TryRead(ReadOnlySpan<byte> bytes, out P256Point point)
    {
        point = default;
        if (bytes.Length != Size || !EcCurve.P256.Contains(bytes[..(Size / 2)], bytes[(Size / 2)..])) return false;
        point = new P256Point(Number(bytes[..(Size / 2)]), Number(bytes[(Size / 2)..]), BigInteger.One);
        return true;
    }

    /// <summary>The two points with this x, 32 bytes; false when the curve has none.</summary>
    public static bool TryFromX(ReadOnlySpan<byte> x, out P256Point one, out P256Point other)
    {
        var px = Number(x);
        var right = Reduce(px * px * px - 3 * px + B);
        // p is 3 modulo 4.
        var y = BigInteger.ModPow(right, (Prime + 1) / 4, Prime);
        one = new P256Point(px, y, BigInteger.One);
        other = new P256Point(px, Reduce(-y), BigInteger.One);
        return px < Prime && Reduce(y * y) == right;
    }

    public static P256Point Of(PublicJwk key)
    {
        var point = key.ToECParameters().Q;
        return new P256Point(Number(point.X), Number(point.Y), BigInteger.One);
    }

    /// <summary><c>a</c> times this point less <c>b</c> times the other.</summary>
    public P256Point Combine(BigInteger a, BigInteger b, in P256Point other) => Multiply(a).Add(other.Negate().Multiply(b));

    /// <summary>x, 32 bytes.</summary>
    /// <exception cref="InvalidOperationException">The point is at infinity.</exception>
    public byte[] X() => ToBytes()[..(Size / 2)];

    /// <summary>x then y.</summary>
    /// <exception cref="InvalidOperationException">The point is at infinity.</exception>
    public byte[] ToBytes()
    {
        if (IsInfinity) throw new InvalidOperationException("Expected a point with coordinates, got the one at infinity.");
        var inverse = BigInteger.ModPow(_z, Prime - 2, Prime);
        var square = inverse * inverse % Prime;
        return [.. Bytes(_x * square % Prime), .. Bytes(_y * square % Prime * inverse % Prime)];
    }

    /// <summary>A number of 32 bytes.</summary>
    public static byte[] Bytes(BigInteger value)
    {
        var bytes = new byte[Size / 2];
        var read = value.ToByteArray(isUnsigned: true, isBigEndian: true);
        read.CopyTo(bytes, bytes.Length - read.Length);
        return bytes;
    }

    public static BigInteger Number(ReadOnlySpan<byte> bytes) => new(bytes, isUnsigned: true, isBigEndian: true);

    private P256Point Negate() => new(_x, Reduce(-_y), _z);

    private P256Point Multiply(BigInteger scalar)
    {
        var sum = default(P256Point);
        for (var bit = (int)scalar.GetBitLength() - 1; bit >= 0; bit--)
        {
            sum = sum.Double();
            if (!(scalar >> bit).IsEven) sum = sum.Add(this);
        }
        return sum;
    }

    private P256Point Double()
    {
        if (IsInfinity) return this;
        var (yy, zz) = (_y * _y % Prime, _z * _z % Prime);
        var s = 4 * _x * yy % Prime;
        var m = 3 * (_x - zz) * (_x + zz) % Prime;
        var x = Reduce(m * m - 2 * s);
        return new P256Point(x, Reduce(m * (s - x) - 8 * yy * yy), 2 * _y * _z % Prime);
    }

    private P256Point Add(in P256Point other)
    {
        if (IsInfinity) return other;
        if (other.IsInfinity) return this;
        var (zz, otherZz) = (_z * _z % Prime, other._z * other._z % Prime);
        var (u, otherU) = (_x * otherZz % Prime, other._x * zz % Prime);
        var (s, otherS) = (_y * otherZz % Prime * other._z % Prime, other._y * zz % Prime * _z % Prime);
        var (h, r) = (Reduce(otherU - u), Reduce(otherS - s));
        if (h.IsZero) return r.IsZero ? Double() : default;
        var hh = h * h % Prime;
        var hhh = hh * h % Prime;
        var x = Reduce(r * r - hhh - 2 * u * hh);
        return new P256Point(x, Reduce(r * (u * hh - x) - s * hhh), h * _z % Prime * other._z % Prime);
    }

    private static BigInteger Reduce(BigInteger value)
    {
        var rest = value % Prime;
        return rest.Sign < 0 ? rest + Prime : rest;
    }

    private static BigInteger Hex(string text) => BigInteger.Parse("0" + text, NumberStyles.HexNumber, CultureInfo.InvariantCulture);
}
