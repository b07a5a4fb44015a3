namespace Relay.Protocol.Text;

/// <summary>What <see cref="StrictJsonReader"/> stands on.</summary>
internal enum JsonToken
{
    None,
    StartObject,
    EndObject,
    StartArray,
    EndArray,
    Name,
    String,
    Number,
    True,
    False,
    Null,
    End,
}

/// <summary>Why <see cref="StrictJsonReader"/> stopped.</summary>
internal enum JsonFault
{
    None,
    Syntax,
    DuplicateMember,
    TooComplex,
}
