using System.Reflection;
using System.Runtime.CompilerServices;

namespace StandIns.Tests;

/// <summary>
/// What an assembly shows to those who use it or derive from it, as text: for each type its declaration, and under it one line a member, as
/// the files under <c>Listings</c> have it.
/// </summary>
/// <param name="annotated">Whether the official package says what may be null; if not, what the stand-in says of that is left out.</param>
internal sealed class PublicSurface(Assembly assembly, bool annotated)
{
    public const string AssemblyLine = "assembly";

    private const BindingFlags Declared =
        BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly;

    private readonly SignatureText _text = new(annotated);

    /// <summary>From each type's declaration to the lines under it.</summary>
    public Dictionary<string, HashSet<string>> Read()
    {
        var surface = assembly.GetExportedTypes().ToDictionary(Declaration, type => Lines(type).ToHashSet());
        var ofAssembly = SignatureText.Attributes(assembly.GetCustomAttributesData()).ToHashSet();
        if (ofAssembly.Count > 0) surface.Add(AssemblyLine, ofAssembly);
        return surface;
    }

    private static string Declaration(Type type)
    {
        var kind = type switch
        {
            { IsEnum: true } => "enum",
            { IsInterface: true } => "interface",
            { IsValueType: true } => type.IsDefined(typeof(IsReadOnlyAttribute)) ? "readonly struct" : "struct",
            { IsAbstract: true, IsSealed: true } => "static class",
            { IsAbstract: true } => "abstract class",
            { IsSealed: true } => "sealed class",
            _ => "class",
        };
        var parent = type.IsClass && type.BaseType != typeof(object) ? $" : {SignatureText.Name(type.BaseType!)}" : "";
        return $"{kind} {type.FullName}{parent}";
    }

    private IEnumerable<string> Lines(Type type)
    {
        if (type.IsEnum)
        {
            return type.GetFields(BindingFlags.Public | BindingFlags.Static).Select(field => $"{field.Name} = {field.GetRawConstantValue()}");
        }

        var inherited = type.BaseType?.GetInterfaces() ?? [];
        return SignatureText.Attributes(type.GetCustomAttributesData())
            .Concat(type.GetInterfaces().Except(inherited).Select(contract => $"implements {SignatureText.Name(contract)}"))
            .Concat(type.GetConstructors(Declared).Where(IsVisible).Select(_text.Constructor))
            .Concat(type.GetProperties(Declared).Where(IsVisible).Select(_text.Property))
            .Concat(type.GetMethods(Declared).Where(method => IsVisible(method) && !IsAccessor(type, method)).Select(_text.Method))
            .Concat(type.GetFields(Declared).Where(IsVisible).Select(field => $"field {field.Name}"))
            .Concat(type.GetEvents(Declared).Where(raised => IsVisible(raised.AddMethod!)).Select(raised => $"event {raised.Name}"));
    }

    internal static bool IsVisible(MethodBase method) => method.IsPublic || method.IsFamily || method.IsFamilyOrAssembly;

    private static bool IsVisible(PropertyInfo property) => property.GetAccessors(nonPublic: true).Any(IsVisible);

    private static bool IsVisible(FieldInfo field) => field.IsPublic || field.IsFamily || field.IsFamilyOrAssembly;

    private static bool IsAccessor(Type type, MethodInfo method) =>
        (method.IsSpecialName && !method.Name.StartsWith("op_", StringComparison.Ordinal))
        || type.GetProperties(Declared).Any(property => property.GetAccessors(nonPublic: true).Contains(method));
}
