using System.Text;
using Emulator.Amqp.Types;

namespace Emulator.Amqp.Tests.Types;

public sealed class CodecTests
{
    public static TheoryData<string, object?> Encodings => new()
    {
        { "40", null }, { "41", true }, { "42", false }, { "5601", true }, { "5600", false },
        { "50ff", (byte)255 }, { "51ff", (sbyte)-1 }, { "600102", (ushort)258 }, { "61fffe", (short)-2 },
        { "43", 0u },
        { "52ff", 255u },
        { "70ffffffff", uint.MaxValue },
        { "44", 0ul },
        { "53ff", 255ul },
        { "80ffffffffffffffff", ulong.MaxValue },
        { "54ff", -1 }, { "717fffffff", int.MaxValue }, { "55ff", -1L }, { "818000000000000000", long.MinValue },
        { "723fc00000", 1.5f }, { "823ff8000000000000", 1.5 }, { "7300000041", 'A' }, { "730001f600", new Rune(0x1f600) },
        { "94303c000000000000000000000000007b", 1.23m },
        { "83000001a202567094", new DateTime(621355968000000000 + (0x1a202567094 * 10000), DateTimeKind.Utc) },
        { "837fffffffffffffff", new DateTime(DateTime.MaxValue.Ticks / 10000 * 10000, DateTimeKind.Utc) },
        { "9815561d2920334085bdc0413bea800c1e", new Guid("15561d29-2033-4085-bdc0-413bea800c1e") },
        { "a10161", "a" }, { "b10000000161", "a" }, { "a30161", new AmqpSymbol("a") }, { "b30000000161", new AmqpSymbol("a") },
        { "45", new List<object?>() }, { "c0030141" + "42", null },
        { "c00302" + "4142", new List<object?> { true, false } }, { "d000000006000000024142", new List<object?> { true, false } },
        { "e00401" + "5005", null },
        { "e00a018100000000000000" + "2a", new[] { 42L } }, { "f00000000d0000000181000000000000002a", new[] { 42L } },
        { "e00302" + "4100", null }, { "e0020241", new[] { true, true } }, { "e004025601" + "00", new[] { true, false } },
        { "e00202" + "43", new[] { 0u, 0u } }, { "e00602a1016101" + "62", new[] { "a", "b" } }, { "e00200a3", Array.Empty<AmqpSymbol>() },
        { "e00402b30000", null },
    };

    [Theory]
    [MemberData(nameof(Encodings), DisableDiscoveryEnumeration = true)]
    public void TryReadValue_Encoding_GivesItsValue(string hex, object? expected)
    {
        var bytes = Convert.FromHexString(hex);
        var reader = new AmqpReader(bytes);
        if (expected is null && hex != "40")
        {
            // Sizes or counts that do not fit the bytes.
            Assert.False(reader.TryReadValue(out _) && reader.AtEnd);
            return;
        }

        Assert.True(reader.TryReadValue(out var value));
        Assert.True(reader.AtEnd);
        Assert.Equal(expected, value);
    }

    public static TheoryData<object?, string> ShortForms => new()
    {
        { null, "40" }, { true, "41" }, { 0u, "43" }, { 7u, "5207" }, { 256u, "7000000100" }, { 0ul, "44" }, { 7ul, "5307" }, { 7, "5407" },
        { -129, "71ffffff7f" },
        { 7L, "5507" },
        { 128L, "810000000000000080" },
        { "a", "a10161" },
        { new AmqpSymbol("a"), "a30161" },
        { new byte[] { 1 }, "a00101" },
        { new AmqpUByteArray(new byte[] { 1, 2 }), "e00402500102" },
        { new sbyte[] { -1 }, "e0030151ff" },
        { new List<object?>(), "45" },
        { new AmqpMap(), "c10100" },
        { new[] { 42L }, "e00a0181000000000000002a" }, { new[] { new AmqpSymbol("a"), new AmqpSymbol("b") }, "e00602a301610162" },
        { new AmqpMap { { "a", 1 } }, "c10602a101615401" }, { new AmqpDescribed(0x24ul, new List<object?>()), "00532445" },
        { new DateTimeOffset(1970, 1, 1, 1, 0, 0, TimeSpan.FromHours(1)), "830000000000000000" },
    };

    [Theory]
    [MemberData(nameof(ShortForms), DisableDiscoveryEnumeration = true)]
    public void WriteValue_Value_HasItsShortestForm(object? value, string hex)
    {
        using var writer = new AmqpWriter();
        writer.WriteValue(value);
        Assert.Equal(hex, Convert.ToHexStringLower(writer.WrittenSpan));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(84)]
    [InlineData(85)]
    [InlineData(200)]
    [InlineData(300)]
    [InlineData(70_000)]
    public void WriteValue_ListsMapsAndArraysAroundTheShortForm_ReadBack(int count)
    {
        var list = Enumerable.Range(0, count).Select(i => (object?)i).ToList();
        var map = new AmqpMap();
        list.ForEach(item => map.Add("k", item));
        foreach (var value in new object[]
        {
            list,
            map,
            Enumerable.Range(0, count).ToArray(),
            list.ConvertAll(item => $"{item}").ToArray(),
            new string('x', count),
        })
        {
            using var writer = new AmqpWriter(1);
            writer.WriteValue(value);
            var reader = new AmqpReader(writer.WrittenSpan);
            Assert.True(reader.TryReadValue(out var back));
            Assert.True(reader.AtEnd);
            Assert.Equal(value, back);
        }
    }

    [Theory]
    [InlineData("e0ff")]
    [InlineData("f000000006ffffffff43")]
    [InlineData("f000000005ffffffff43")]
    [InlineData("f00000000500001001" + "45")]
    [InlineData("d0ffffffff00000001")]
    [InlineData("d00000000400000001")]
    [InlineData("d1000000050000000140")]
    [InlineData("b0ffffffff")]
    [InlineData("e0020199")]
    [InlineData("00")]
    [InlineData("0040")]
    [InlineData("73ffffffff")]
    [InlineData("5602")]
    public void TryReadValue_CountsAndLengthsThatLie_AreRefused(string hex)
    {
        var reader = new AmqpReader(Convert.FromHexString(hex));
        Assert.False(reader.TryReadValue(out _));
    }

    [Fact]
    public void TryReadValue_ZeroWidthArraysInARow_ShareOneBudget()
    {
        // 1024 of them pass once, one more does not, and not twice in one value.
        const string Array = "f00000000500000400" + "43";
        Assert.False(new AmqpReader(Convert.FromHexString("f00000000500000401" + "43")).TryReadValue(out _));
        var one = new AmqpReader(Convert.FromHexString(Array));
        Assert.True(one.TryReadValue(out var value));
        Assert.Equal(1024, Assert.IsType<uint[]>(value).Length);
        var two = new AmqpReader(Convert.FromHexString("c01502" + Array + Array));
        Assert.False(two.TryReadValue(out _));
    }

    [Fact]
    public void TryReadValue_NestingBeyondTheLimit_IsRefused()
    {
        Assert.True(Nested(AmqpReader.MaxDepth));
        Assert.False(Nested(AmqpReader.MaxDepth + 1));

        static bool Nested(int depth)
        {
            byte[] bytes = [0x45];
            for (var i = 0; i < depth; i++)
            {
                bytes = [0xc0, (byte)(bytes.Length + 1), 1, .. bytes];
            }

            var reader = new AmqpReader(bytes);
            return reader.TryReadValue(out _);
        }
    }

    [Fact]
    public void Decimal_EveryScaleAndSign_RoundTrips()
    {
        foreach (var value in new[] { 0m, -0.5m, 1.23456789m, decimal.MaxValue, decimal.MinValue, 0.0000000000000000000000000001m })
        {
            using var writer = new AmqpWriter();
            writer.WriteValue(value);
            var reader = new AmqpReader(writer.WrittenSpan);
            Assert.True(reader.TryReadValue(out var back));
            Assert.Equal(value, back);
        }
    }

    [Fact]
    public void Map_KeysOfDifferentTypes_AreDifferentKeys()
    {
        var map = new AmqpMap { { "a", 1 }, { new AmqpSymbol("a"), 2 }, { 3ul, 4L } };
        Assert.Equal(1, map["a"]);
        Assert.Equal(2, map[new AmqpSymbol("a")]);
        Assert.True(map.TryGetText("a", out var first));
        Assert.Equal(1, first);
        Assert.False(map.TryGetValue(3, out _));
        Assert.Throws<KeyNotFoundException>(() => map["b"]);
    }

    [Fact]
    public void WriteValue_TypeWithoutCounterpart_Throws()
    {
        using var writer = new AmqpWriter();
        Assert.Throws<ArgumentException>(() => writer.WriteValue(new Uri("https://example.org")));
        Assert.Throws<ArgumentException>(() => writer.WriteValue(new Dictionary<string, int>()));
    }
}
