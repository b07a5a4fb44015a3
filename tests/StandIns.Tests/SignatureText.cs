using System.ComponentModel;
using System.Reflection;

namespace StandIns.Tests;

/// <summary>Members and attributes as one writes them in C#, with every default and without namespaces.</summary>
/// <param name="annotated">Whether references that may be null are marked.</param>
internal sealed class SignatureText(bool annotated)
{
    // What changes how the worker, its host or the compiler takes a member or its caller. Others (how an editor shows it) do not.
    private static readonly string[] Heeded =
    [
        "Microsoft.Azure.Functions.Worker",
        "System.Diagnostics.CodeAnalysis",
        typeof(DefaultValueAttribute).FullName!,
        typeof(ObsoleteAttribute).FullName!,
    ];

    private static readonly Dictionary<Type, string> Keywords = new()
    {
        [typeof(string)] = "string",
        [typeof(bool)] = "bool",
        [typeof(byte)] = "byte",
        [typeof(int)] = "int",
        [typeof(long)] = "long",
        [typeof(object)] = "object",
        [typeof(void)] = "void",
    };

    private static readonly Dictionary<string, string> Operators = new()
    {
        ["op_Equality"] = "operator ==",
        ["op_Inequality"] = "operator !=",
    };

    private readonly NullabilityInfoContext _nullability = new();

    public static IEnumerable<string> Attributes(IEnumerable<CustomAttributeData> attributes) => attributes
        .Where(attribute => Heeded.Any(name => attribute.AttributeType.FullName!.StartsWith(name, StringComparison.Ordinal)))
        .Select(attribute => $"[{attribute.AttributeType.Name[..^"Attribute".Length]}{Arguments(attribute.ConstructorArguments)}]");

    public static string Name(Type type)
    {
        if (Keywords.TryGetValue(type, out var keyword)) return keyword;
        if (type.IsArray) return Name(type.GetElementType()!) + "[]";
        if (Nullable.GetUnderlyingType(type) is { } value) return Name(value) + "?";
        if (!type.IsGenericType) return type.Name;
        return $"{type.Name[..type.Name.IndexOf('`', StringComparison.Ordinal)]}<{string.Join(", ", type.GetGenericArguments().Select(Name))}>";
    }

    public string Constructor(ConstructorInfo constructor) =>
        $"{Access(constructor)} {constructor.DeclaringType!.Name}({Parameters(constructor)})";

    public string Property(PropertyInfo property)
    {
        var accessors = property.GetAccessors(nonPublic: true).Where(PublicSurface.IsVisible).ToList();
        var access = accessors.Exists(accessor => accessor.IsPublic) ? "public" : "protected";
        var get = Accessor(property.GetMethod, "get", access);
        var set = Accessor(property.SetMethod, "set", access);
        var type = Name(property.PropertyType) + Mark(_nullability.Create(property).ReadState);
        return $"{Prefix(property)}{access} {Kind(accessors[0])}{type} {property.Name} {{ {get}{set}}}";
    }

    public string Method(MethodInfo method)
    {
        var result = $"{Name(method.ReturnType)}{Mark(_nullability.Create(method.ReturnParameter).ReadState)}";
        var named = method.Name == "op_Implicit" ? $"implicit operator {result}" : $"{result} {Operators.GetValueOrDefault(method.Name, method.Name)}";
        return $"{Prefix(method)}{Access(method)} {Kind(method)}{named}({Parameters(method)})";
    }

    private static string Prefix(MemberInfo member) =>
        string.Concat(Attributes(member.GetCustomAttributesData()).Select(attribute => attribute + " "));

    private static string Access(MethodBase method) => method.IsPublic ? "public" : "protected";

    private static string Accessor(MethodInfo? accessor, string word, string around)
    {
        if (accessor is null || !PublicSurface.IsVisible(accessor)) return "";
        return Access(accessor) == around ? $"{word}; " : $"{Access(accessor)} {word}; ";
    }

    private static string Kind(MethodInfo method) => method switch
    {
        { IsStatic: true } => "static ",
        { IsAbstract: true } => "abstract ",
        { IsVirtual: true, IsFinal: false } => method.GetBaseDefinition() == method ? "virtual " : "override ",
        _ => "",
    };

    private static string Default(ParameterInfo parameter) => parameter switch
    {
        { HasDefaultValue: false } => "",
        { ParameterType: { IsEnum: true } type } => $" = {type.Name}.{Enum.ToObject(type, parameter.RawDefaultValue!)}",
        { DefaultValue: null, ParameterType: { IsValueType: true } type } when Nullable.GetUnderlyingType(type) is null => " = default",
        { DefaultValue: null } => " = null",
        { DefaultValue: bool value } => value ? " = true" : " = false",
        _ => $" = {parameter.DefaultValue}",
    };

    private static string Arguments(IList<CustomAttributeTypedArgument> arguments) =>
        arguments.Count == 0 ? "" : $"({string.Join(", ", arguments.Select(Argument))})";

    private static string Argument(CustomAttributeTypedArgument argument) => argument switch
    {
        { Value: Type type } => Name(type),
        { ArgumentType: { IsEnum: true } type } => $"{type.Name}.{Enum.ToObject(type, argument.Value!)}",
        { Value: CustomAttributeTypedArgument inner } => Argument(inner),
        { Value: bool value } => value ? "true" : "false",
        _ => $"{argument.Value}",
    };

    private string Mark(NullabilityState state) => annotated && state == NullabilityState.Nullable ? "?" : "";

    private string Parameters(MethodBase method) => string.Join(", ", method.GetParameters().Select(Parameter));

    private string Parameter(ParameterInfo parameter)
    {
        var type = parameter.ParameterType.IsByRef ? parameter.ParameterType.GetElementType()! : parameter.ParameterType;
        var reference = parameter.IsOut ? "out " : parameter.ParameterType.IsByRef ? "ref " : "";
        // A value type's question mark is part of its name.
        var mark = type.IsValueType ? "" : Mark(_nullability.Create(parameter).WriteState);
        var attributes = string.Concat(Attributes(parameter.GetCustomAttributesData()).Select(attribute => attribute + " "));
        return $"{attributes}{reference}{Name(type)}{mark} {parameter.Name}{Default(parameter)}";
    }
}
